// Quiet marks under sentences that close an inquiry, for whoever writes them. The server reads the paragraphs that this
// person changed; nothing is shown to others, nothing is kept, nothing is ever changed or blocked.
import { Extension } from "@tiptap/core";
import type { Node as DocumentNode } from "@tiptap/pm/model";
import { type EditorState, Plugin, PluginKey, type Transaction } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPluginKey } from "@tiptap/y-tiptap";
import type { RelativePosition } from "yjs";
import { type Answer, type Mark, type Placed, within } from "../aid/finding.ts";
import { openCard } from "../menus/card.ts";
import { sentenceAround, showLeaving, wordsBetween } from "./leaving.ts";
import { keepOwnPlaces, nameOf, ownPlaces } from "./own-places.ts";

export interface Paragraph {
  text: string;
  heading: string;
  /** Where its text begins in the document. */
  at: number;
}

const PAUSE_MS = 400;
/** Parts of a document that are not its writer's own prose. */
const LEFT_OUT = new Set(["blockquote", "codeBlock", "liveBlock", "heading"]);

/** Every paragraph of prose, with the heading above it. An inline thing that is no text stands as one sign, as in positions. */
export function paragraphs(doc: DocumentNode): Paragraph[] {
  const found: Paragraph[] = [];
  let heading = "";
  doc.descendants((node, at) => {
    if (node.type.name === "heading" && Number(node.attrs["level"]) <= 3) heading = node.textContent.trim();
    if (LEFT_OUT.has(node.type.name)) return false;
    if (!node.isTextblock) return true;
    const text = node.textBetween(0, node.content.size, "\n", "\ufffc");
    if (text.trim() !== "") found.push({ text, heading, at: at + 1 });
    return false;
  });
  return found;
}

const key = new PluginKey<{ placed: Placed[]; shown: DecorationSet }>("marks");
const keyOf = ({ text, heading }: Paragraph) => `${heading}\n${text}`;

class Reader {
  /** What was said about a paragraph with these words below this heading. */
  private readonly known = new Map<string, Mark[]>();
  /** Where the paragraphs begin that this person changed: Yjs positions, which move with the text. */
  private readonly mine: RelativePosition[];
  /** The same as numbers, of changes that the Yjs document may not know yet. */
  private fresh: number[] = [];
  /** Sentences that were dismissed here: an answer that was on its way says otherwise. */
  private readonly silenced = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asking = false;
  private most: number | null = null;
  private closed = false;
  /** Whether an input method composes words, as the browser says: what others write ends that for the editor, not for the hands. */
  composing = false;
  channel = "";

  constructor(
    private readonly url: string,
    private readonly name: string | null,
  ) {
    this.mine = ownPlaces(localStorage, name);
  }

  /**
   * Notes which paragraphs somebody changed here; what arrives from others is not this person's. The Yjs document
   * follows only after the transaction, so places are numbers until [`settle`] turns them into Yjs positions.
   */
  note(tr: Transaction): void {
    this.fresh = this.fresh.map((at) => tr.mapping.map(at));
    if (tr.getMeta(ySyncPluginKey) !== undefined) return;
    tr.mapping.maps.forEach((map, index) => {
      const rest = tr.mapping.slice(index + 1);
      map.forEach((_from, _to, from, to) => {
        const [start, end] = [Math.max(0, rest.map(from, -1)), Math.min(rest.map(to, 1), tr.doc.content.size)];
        tr.doc.nodesBetween(start, end, (node, at) => {
          if (node.isTextblock) this.fresh.push(at + 1);
          return !node.isTextblock;
        });
      });
    });
  }

  private settle(state: EditorState): void {
    const sync = ySyncPluginKey.getState(state) as { type: never; binding: { mapping: never } | null } | undefined;
    if (!sync?.binding || this.fresh.length === 0) return;
    const owned = this.owned(state);
    const before = this.mine.length;
    for (const at of new Set(this.fresh)) {
      const start = at <= state.doc.content.size ? state.doc.resolve(at).start() : -1;
      if (start >= 0 && !owned.has(start)) this.mine.push(absolutePositionToRelativePosition(start, sync.type, sync.binding.mapping));
    }
    this.fresh = [];
    if (this.mine.length > before) keepOwnPlaces(localStorage, this.name, this.mine);
  }

  /** Where this person's paragraphs begin now. */
  private owned(state: EditorState): Set<number> {
    const sync = ySyncPluginKey.getState(state) as { doc: never; type: never; binding: { mapping: never } | null } | undefined;
    const places = new Set<number>();
    if (!sync?.binding) return places;
    for (const place of this.mine) {
      const at = relativePositionToAbsolutePosition(sync.doc, sync.type, place, sync.binding.mapping);
      if (at !== null && at <= state.doc.content.size) places.add(state.doc.resolve(at).start());
    }
    return places;
  }

  private own(state: EditorState): Paragraph[] {
    const all = paragraphs(state.doc);
    const mine = this.owned(state);
    return all.filter((paragraph) => mine.has(paragraph.at));
  }

  private said(paragraph: Paragraph): Mark[] {
    return (this.known.get(keyOf(paragraph)) ?? []).filter(({ sentence }) => !this.silenced.has(sentence));
  }

  /** The marks of what is known already; they stand where the words stand now. */
  place(state: EditorState): Placed[] {
    const placed = this.own(state).flatMap((paragraph) =>
      this.said(paragraph).map((mark) => ({ mark, from: paragraph.at + mark.start, to: paragraph.at + mark.end })),
    );
    return within(placed, this.most);
  }

  /** What else is asked about in the paragraph of a mark, without a mark of its own. */
  beside(state: EditorState, { from }: Placed): { words: string; question: string }[] {
    const paragraph = this.own(state).find(({ text, at }) => at <= from && from <= at + text.length);
    if (!paragraph) return [];
    const known = this.said(paragraph).filter(({ beside }) => beside);
    return known.map(({ start, end, question }) => ({ words: paragraph.text.slice(start, end), question }));
  }

  /**
   * Marks of paragraphs that nobody read since they were changed, where these stand now: somebody is writing in them, and
   * what others write elsewhere takes no mark away.
   */
  unread(state: EditorState, before: DocumentNode, placed: Placed[]): Placed[] {
    const open = this.own(state).filter((paragraph) => !this.known.has(keyOf(paragraph)));
    return placed.flatMap((one) => {
      const place = before.resolve(one.from);
      const text = place.parent.textBetween(0, place.parent.content.size, "\n", "\ufffc");
      const paragraph = open.find((now) => now.text === text);
      const by = paragraph ? paragraph.at - place.start() : 0;
      return paragraph ? [{ ...one, from: one.from + by, to: one.to + by }] : [];
    });
  }

  /** Asks for what is not known, after a pause in writing. */
  soon(view: EditorView): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(view), PAUSE_MS);
  }

  private async ask(view: EditorView): Promise<void> {
    this.timer = null;
    // Words that an input method still composes are not said yet; a line drawn into them would end the composing.
    if (this.asking || this.composing) return this.soon(view);
    this.settle(view.state);
    const unknown = this.own(view.state).filter((paragraph) => !this.known.has(keyOf(paragraph))).slice(0, 200);
    if (unknown.length > 0) {
      this.asking = true;
      try {
        const pieces = unknown.map(({ text, heading }) => ({ text: text.slice(0, 20_000), heading }));
        const answer = await fetch(this.url, {
          method: "POST",
          headers: { "content-type": "application/json", accept: "application/json" },
          body: JSON.stringify({ pieces }),
        });
        if (!answer.ok) return;
        const { marks, most, channel } = (await answer.json()) as Answer;
        this.most = most;
        this.channel = channel;
        if (this.known.size > 2_000) this.known.clear();
        unknown.forEach((paragraph, index) => this.known.set(keyOf(paragraph), marks.filter((mark) => mark.piece === index)));
      } catch {
        // Without a line there are no marks; writing goes on, and the next change asks again.
      } finally {
        this.asking = false;
      }
    }
    this.redraw(view);
  }

  private redraw(view: EditorView): void {
    if (this.composing) this.soon(view);
    else if (!this.closed) view.dispatch(view.state.tr.setMeta(key, true).setMeta("addToHistory", false));
  }

  /** Tells what became of a finding; a dismissed sentence is silent at once. */
  tell(view: EditorView, mark: Mark, outcome: "seen" | "not_here" | "does_not_help"): void {
    const body = new URLSearchParams({ sentence: mark.sentence, rule: mark.rule, outcome });
    void fetch(`${this.url}/findings`, { method: "POST", body, headers: { accept: "application/json" } }).catch(() => undefined);
    if (outcome === "seen") return;
    this.silenced.add(mark.sentence);
    this.redraw(view);
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }
}

export interface MarksOptions {
  /** Where paragraphs are read; empty: nowhere. */
  url: string;
  /** Where a step can be asked for. */
  requests: string;
  /** Whose paragraphs of which document come back when it is opened again. */
  doc: string;
  person: string;
  host: HTMLElement | null;
  /** Asks for the words of an idea, beginning with these. */
  park(words: string, near: { left: number; bottom: number }): void;
  /** Asks for another thing that contributed, to stand after the paragraph that begins there. */
  contribute(at: number, near: { left: number; bottom: number }): void;
}

export const Marks = Extension.create<MarksOptions>({
  name: "marks",
  addOptions: () => ({ url: "", requests: "", doc: "", person: "", host: null, park: () => undefined, contribute: () => undefined }),
  addProseMirrorPlugins() {
    const { url, requests, doc, person, host } = this.options;
    if (url === "" || !host) return [];
    const reader = new Reader(url, nameOf(doc, person));
    const draw = (state: EditorState, more: Placed[]) => {
      const placed = [...reader.place(state), ...more].sort((a, b) => a.from - b.from);
      const shown = placed.map(({ mark, from, to }) => Decoration.inline(from, to, { class: `aid-mark aid-${mark.strength}` }));
      return { placed, shown: DecorationSet.create(state.doc, shown) };
    };
    const open = (view: EditorView, at: number, focus: boolean): boolean => {
      const found = key.getState(view.state)?.placed.find(({ from, to }) => from <= at && at <= to);
      if (!found) return false;
      const { mark } = found;
      reader.tell(view, mark, "seen");
      const { left, top, bottom } = view.coordsAtPos(found.from);
      openCard(host, {
        mark,
        from: "document",
        beside: reader.beside(view.state, found),
        channel: reader.channel,
        requests,
        near: { left, top, bottom },
        focus,
        back: () => view.focus(),
        accounts: requests.replace(/^\/postmortems\/(.*)\/requests$/, "/incidents/$1/accounts"),
        contribute: () => this.options.contribute(found.from, { left, bottom }),
        takeOut: () => {
          const place = view.state.doc.resolve(found.from);
          const start = place.start();
          const text = place.parent.textBetween(0, place.parent.content.size, "\n", "\ufffc");
          const sentence = sentenceAround(text, found.from - start, found.to - start);
          showLeaving(requests, wordsBetween(view.state.doc, start + sentence.from, start + sentence.to));
        },
        park: () => this.options.park(view.state.doc.resolve(found.from).parent.textContent, { left, bottom }),
        tell: (outcome) => reader.tell(view, mark, outcome),
      });
      return true;
    };
    return [
      new Plugin<{ placed: Placed[]; shown: DecorationSet }>({
        key,
        state: {
          init: () => ({ placed: [], shown: DecorationSet.empty }),
          apply: (tr, before, old, state) => {
            if (tr.getMeta(key)) return draw(state, []);
            // What comes from others replaces more than it changes: places are those that the Yjs document tells.
            if (tr.getMeta(ySyncPluginKey) !== undefined) return draw(state, reader.unread(state, old.doc, before.placed));
            if (!tr.docChanged) return before;
            reader.note(tr);
            const moved = before.placed.map(({ mark, from, to }) => ({ mark, from: tr.mapping.map(from, 1), to: tr.mapping.map(to, -1) }));
            return { placed: moved.filter(({ from, to }) => from < to), shown: before.shown.map(tr.mapping, tr.doc) };
          },
        },
        view: (view) => {
          reader.soon(view);
          const composes = (event: Event) => (reader.composing = event.type === "compositionstart");
          view.dom.addEventListener("compositionstart", composes);
          view.dom.addEventListener("compositionend", composes);
          return {
            update: (now, before) => {
              if (!now.state.doc.eq(before.doc)) reader.soon(now);
            },
            destroy: () => {
              view.dom.removeEventListener("compositionstart", composes);
              view.dom.removeEventListener("compositionend", composes);
              reader.close();
            },
          };
        },
        props: {
          decorations: (state) => key.getState(state)?.shown,
          handleClick: (view, at) => view.state.selection.empty && open(view, at, false) && false,
          handleKeyDown: (view, event) => {
            const asks = event.key === "." && (event.ctrlKey || event.metaKey) && !event.altKey;
            return asks && open(view, view.state.selection.head, true);
          },
        },
      }),
    ];
  },
});
