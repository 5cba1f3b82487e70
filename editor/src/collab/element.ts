// <collab-editor>: what the server rendered stays inside it until a document is there to write in.
import { Editor, Extension } from "@tiptap/core";
import { Collaboration } from "@tiptap/extension-collaboration";
import { Selection } from "@tiptap/pm/state";
import { Gapcursor } from "@tiptap/extensions/gap-cursor";
import { Placeholder } from "@tiptap/extensions/placeholder";
import { askLine } from "../menus/line-form.ts";
import { mentionSource } from "../menus/mention.ts";
import { slashSource } from "../menus/slash.ts";
import { showToolbar } from "../menus/toolbar.ts";
import { Triggers } from "../menus/trigger.ts";
import { LiveBlocks } from "../schema/live-block.ts";
import { safeHref } from "../schema/safe-link.ts";
import { schema } from "../schema/schema.ts";
import { showTime } from "../time.ts";
import { Connection } from "./connection.ts";
import { showLeaving, wordsBetween } from "./leaving.ts";
import { offerKept } from "./offer.ts";
import { Anchors, showOutline } from "./outline.ts";
import { Marks } from "./marks.ts";
import { Carets, type Person, showPresence } from "./people.ts";
import { type Situation, statusText } from "./status.ts";

/** A page that was away this long fetches its live blocks again when it is looked at. */
const STALE_MS = 60_000;

export class CollabEditor extends HTMLElement {
  private connection: Connection | null = null;
  private editor: Editor | null = null;
  private offer: ReturnType<typeof offerKept> | null = null;
  private readonly undo: (() => void)[] = [];

  connectedCallback(): void {
    const socket = this.getAttribute("socket");
    if (this.connection || !socket || !("WebSocket" in window)) return;
    const editable = this.getAttribute("editable") !== "false" && this.hasAttribute("editable");
    const blocks = new LiveBlocks(this.getAttribute("blocks") ?? "");
    const connection = (this.connection = new Connection({
      socket,
      doc: this.getAttribute("doc") ?? socket,
      epoch: this.getAttribute("epoch") ?? "0",
      editable,
      onReady: () => this.open(connection, editable, blocks),
      onSituation: (situation) => this.tell(situation),
      onChanged: (what) => {
        blocks.refresh(what);
        this.dispatchEvent(new CustomEvent("debrief:changed", { bubbles: true, detail: { what } }));
      },
      onReadOnly: () => this.editor?.setEditable(false),
      onKept: () => this.offer?.look(),
    }));
    this.listen(blocks, connection);
  }

  disconnectedCallback(): void {
    // Moving an element disconnects and connects it within one turn; only a real goodbye ends the session.
    queueMicrotask(() => {
      if (this.isConnected) return;
      for (const undo of this.undo.splice(0)) undo();
      this.editor?.destroy();
      this.connection?.destroy();
      this.editor = null;
      this.connection = null;
    });
  }

  private get me(): Person {
    return { id: this.getAttribute("me-id") ?? "", name: this.getAttribute("me-name") ?? "Somebody" };
  }

  private readonly clock = (at: Date): string => showTime(at, "time", document.documentElement.dataset["zone"]);

  private open(connection: Connection, editable: boolean, blocks: LiveBlocks): void {
    const text = document.createElement("div");
    const sources = [slashSource((range) => this.askQuestion(range))];
    const mentions = this.getAttribute("mentions");
    if (mentions) sources.push(mentionSource(mentions, this.clock));
    const { provider, ydoc } = connection;
    const editor = (this.editor = new Editor({
      element: text,
      injectCSS: false,
      // What an empty text would become; a text would have to be parsed, which Trusted Types allow our policies alone.
      content: { type: "doc", content: [{ type: "paragraph" }] },
      editable,
      editorProps: {
        // The header above and the bar below cover this much when the cursor is brought into view.
        scrollThreshold: { top: 112, bottom: 112, left: 0, right: 0 },
        scrollMargin: { top: 120, bottom: 120, left: 0, right: 0 },
        attributes: {
          class: "writing",
          role: "textbox",
          "aria-multiline": "true",
          "aria-label": this.getAttribute("label") ?? "The document",
          // Words of other languages and of machines fill these documents; the browser's own choice is best.
          spellcheck: "true",
        },
        // Styles of other programs are dropped anyway; without them the security policy has nothing to report.
        transformPastedHTML: (html) => html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\sstyle\s*=\s*("[^"]*"|'[^']*')/gi, "")),
      },
      extensions: [
        ...schema(blocks),
        Gapcursor,
        Anchors,
        Collaboration.configure({ document: ydoc, field: "default", onFirstRender: () => this.startInText() }),
        Carets.configure({ awareness: provider.awareness, me: this.me }),
        ...(editable
          ? [
              Placeholder.configure({
                includeChildren: true,
                placeholder: ({ node }) => (node.type.name === "heading" ? "Name this section" : "Write, or type / for more"),
              }),
              Triggers.configure({ sources, host: this }),
              this.keys(),
              Marks.configure({
                url: this.getAttribute("language") ?? "",
                requests: this.getAttribute("requests") ?? "",
                doc: this.getAttribute("doc") ?? "",
                person: this.me.id,
                host: this,
                park: (words, near) => this.askIdea(words, near),
                contribute: (at, near) => this.askContributor(at, near),
              }),
            ]
          : []),
      ],
    }));
    if (editable) editor.view.dom.addEventListener("click", (event) => this.writeBelow(event));
    // Only now does the server's rendering go: there is something to put in its place.
    this.replaceChildren(text);
    this.classList.add("is-open");
    if (editable) this.undo.push(showToolbar(editor, this, { link: () => this.askLink(), insert: () => this.insert(), takeOut: () => this.takeOut() }));
    if (editable) {
      const offer = (this.offer = offerKept(editor, this, this.getAttribute("doc") ?? ""));
      this.undo.push(() => offer.stop());
    }
    const presence = document.querySelector<HTMLElement>("[data-presence]");
    if (presence) this.undo.push(showPresence(provider.awareness, this.me, presence));
    const outline = document.querySelector<HTMLElement>("[data-outline]");
    if (outline) this.undo.push(showOutline(editor, outline));
    this.dispatchEvent(new CustomEvent("debrief:open", { bubbles: true }));
    if (location.hash.startsWith("#section-")) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  }

  /** A document may begin with a block; somebody who comes by Tab starts in the first line of text. */
  private startInText(): void {
    const { editor } = this;
    if (!editor || editor.isFocused) return;
    const first = Selection.findFrom(editor.state.doc.resolve(0), 1, true);
    if (first) editor.view.dispatch(editor.state.tr.setSelection(first).setMeta("addToHistory", false));
  }

  /** A press on the empty paper below a table or a block gives it a line to write in. */
  private writeBelow(event: MouseEvent): void {
    const { editor } = this;
    const last = editor?.view.dom.lastElementChild;
    if (!editor?.isEditable || !last || event.target !== editor.view.dom || event.clientY <= last.getBoundingClientRect().bottom) return;
    const end = editor.state.doc.content.size;
    if (editor.state.doc.lastChild?.isTextblock) editor.commands.focus("end");
    else editor.chain().insertContentAt(end, { type: "paragraph" }).focus("end").run();
  }

  private keys(): Extension {
    return Extension.create({
      name: "writingKeys",
      addKeyboardShortcuts: () => ({
        "Mod-Shift-k": () => {
          this.askLink();
          return true;
        },
      }),
    });
  }

  private listen(blocks: LiveBlocks, connection: Connection): void {
    let seen = Date.now();
    const look = () => {
      if (document.visibilityState === "hidden") {
        seen = Date.now();
      } else if (Date.now() - seen > STALE_MS) {
        seen = Date.now();
        blocks.refresh(null);
      }
    };
    const away = () => (seen = Date.now());
    const leave = (event: BeforeUnloadEvent) => {
      // Leaving is only a loss when neither the server nor this device has the words.
      if (connection.unsaved && !connection.keptHere) event.preventDefault();
    };
    // Everything is saved as it is written, so the browser's "save page" would only be in the way.
    const save = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "s") event.preventDefault();
    };
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    addEventListener("blur", away);
    addEventListener("beforeunload", leave);
    addEventListener("keydown", save);
    this.undo.push(() => {
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
      removeEventListener("blur", away);
      removeEventListener("beforeunload", leave);
      removeEventListener("keydown", save);
    });
  }

  private tell(situation: Situation): void {
    const text = statusText(situation, this.clock);
    let line = document.querySelector<HTMLElement>("[data-save-status]");
    if (!line) {
      line = document.createElement("p");
      line.dataset["saveStatus"] = "";
      line.className = "saved";
      this.after(line);
    }
    line.setAttribute("role", "status");
    line.dataset["situation"] = situation.kind;
    if (line.textContent !== text) line.textContent = text;
    this.dataset["situation"] = situation.kind;
  }

  private near(at: number): { left: number; bottom: number } {
    const { left, bottom } = this.editor?.view.coordsAtPos(at) ?? { left: 0, bottom: 0 };
    return { left, bottom };
  }

  private askLink(): void {
    const { editor } = this;
    if (!editor?.isEditable) return;
    const before = String(editor.getAttributes("link")["href"] ?? "");
    const { from, empty } = editor.state.selection;
    askLine(this, {
      label: empty && before === "" ? "Address to put in" : "Address",
      value: before,
      act: "Link",
      ...(before === "" ? {} : { other: { label: "Remove link", run: () => editor.chain().focus().unsetLink().run() } }),
      near: this.near(from),
      back: () => editor.commands.focus(),
      take: (value) => {
        const href = safeHref(value);
        if (href === null) return "Only web and mail addresses can be linked, such as https://status.example.org.";
        if (empty && before === "") editor.chain().focus().insertContent({ type: "text", text: value.trim(), marks: [{ type: "link", attrs: { href } }] }).run();
        else editor.chain().focus().setLink(href).run();
        return null;
      },
    });
  }

  /** What could be different belongs to the ideas, which rest before anybody commits to them. */
  private askIdea(words: string, near: { left: number; bottom: number }, label = "What could be different?"): void {
    const ideas = (this.getAttribute("requests") ?? "").replace(/^\/postmortems\/(.*)\/requests$/, "/incidents/$1/follow-ups");
    askLine(this, {
      label,
      value: words.trim().slice(0, 300),
      act: "Park it",
      near,
      back: () => this.editor?.commands.focus(),
      take: (value) => {
        if (value.trim() === "") return "An idea needs a few words.";
        const body = new URLSearchParams({ text: value.trim().slice(0, 2_000), intent: "prevent", back: "document" });
        // Words that did not arrive are asked for again, as they were.
        const again = () => this.askIdea(value, near, "This did not reach the server. Try again.");
        fetch(ideas, { method: "POST", body }).then((answer) => (answer.ok ? undefined : again()), again);
        return null;
      },
    });
  }

  /** What else contributed goes into the text, on a line of its own below the one that named a single cause. */
  private askContributor(at: number, near: { left: number; bottom: number }): void {
    askLine(this, {
      label: "What else had to be so?",
      value: "",
      act: "Add it",
      near,
      back: () => this.editor?.commands.focus(),
      take: (value) => {
        const { editor } = this;
        if (value.trim() === "") return "A few words are enough.";
        if (!editor || at > editor.state.doc.content.size) return null;
        const line = { type: "paragraph", content: [{ type: "text", text: `It also contributed: ${value.trim().slice(0, 1_000)}` }] };
        editor.chain().insertContentAt(editor.state.doc.resolve(at).after(1), line).run();
        return null;
      },
    });
  }

  private takeOut(): void {
    const { editor } = this;
    if (!editor) return;
    const { from, to } = editor.state.selection;
    showLeaving(this.getAttribute("requests") ?? "", wordsBetween(editor.state.doc, from, to));
  }

  private askQuestion(range: { from: number; to: number }): void {
    const { editor } = this;
    if (!editor) return;
    editor.chain().focus().deleteRange(range).run();
    askLine(this, {
      label: "What do you want to ask?",
      value: "",
      act: "Put in",
      near: this.near(editor.state.selection.from),
      back: () => editor.commands.focus(),
      take: (value) => {
        const prompt = value.trim();
        if (prompt === "") return "A question needs a few words.";
        editor.chain().focus().insertQuestion(prompt.slice(0, 500)).run();
        return null;
      },
    });
  }

  /** The "+" of the bar types a "/", on a line of its own where the cursor's line holds text. */
  private insert(): void {
    const { editor } = this;
    if (!editor) return;
    const { $from } = editor.state.selection;
    const chain = editor.chain().focus();
    if ($from.parent.content.size > 0) chain.splitBlock();
    chain.insertContent("/").run();
  }
}
