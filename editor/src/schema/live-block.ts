// A block whose content lives on the server: the timeline, the follow-ups, the header facts.
// The document holds only which block it is. What was fetched last stays until something newer arrives.
import { Node, mergeAttributes } from "@tiptap/core";
import { markupReader } from "../markup.ts";

const readMarkup = markupReader("debrief-editor");

/** The names RULES and server share; anything else shows a sentence instead of a request. */
export const LIVE_BLOCKS = { facts: "Facts", timeline: "Timeline", "follow-ups": "Ideas and follow-ups" } as const;
export type LiveBlockName = keyof typeof LIVE_BLOCKS;

export function isLiveBlock(name: unknown): name is LiveBlockName {
  return typeof name === "string" && Object.hasOwn(LIVE_BLOCKS, name);
}

/** Where the blocks of one document are fetched, and who is told when the server says that one changed. */
export class LiveBlocks {
  private readonly refreshers = new Set<(changed: string | null) => void>();

  /** @param base ends with a slash, for example /postmortems/INC-12/blocks/ */
  constructor(private readonly base: string) {}

  /** @param changed the block that changed, or null when all may have (the page was away for a while) */
  refresh(changed: string | null): void {
    for (const refresher of this.refreshers) refresher(changed);
  }

  watch(refresher: (changed: string | null) => void): () => void {
    this.refreshers.add(refresher);
    return () => this.refreshers.delete(refresher);
  }

  async fetch(name: LiveBlockName, signal: AbortSignal): Promise<DocumentFragment> {
    const answer = await fetch(this.base + name, { signal, credentials: "same-origin", headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) throw new Error(`block ${name}: ${answer.status}`);
    const parsed = readMarkup(await answer.text(), answer.url);
    const fragment = document.createDocumentFragment();
    fragment.append(...parsed.body.childNodes);
    return fragment;
  }
}

export const LiveBlock = Node.create<{ blocks: LiveBlocks }>({
  name: "liveBlock",
  group: "block",
  atom: true,
  selectable: true,
  draggable: true,

  addOptions() {
    return { blocks: new LiveBlocks("") };
  },

  addAttributes() {
    return {
      block: {
        default: "timeline",
        parseHTML: (element: HTMLElement) => element.getAttribute("data-live"),
        renderHTML: ({ block }: Record<string, unknown>) => ({ "data-live": block }),
      },
    };
  },

  parseHTML() {
    return [{ tag: "[data-live]" }];
  },

  renderHTML({ HTMLAttributes }) {
    return ["div", mergeAttributes({ class: "live-block" }, HTMLAttributes)];
  },

  addNodeView() {
    return ({ node, editor, getPos }) => {
      const name: unknown = node.attrs["block"];
      const dom = document.createElement("div");
      dom.className = "live-block";
      dom.contentEditable = "false";
      const body = document.createElement("div");
      const words = document.createElement("p");
      words.className = "live-words";
      words.hidden = true;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "live-remove";
      remove.textContent = "Take out";
      remove.addEventListener("click", () => {
        const at = getPos();
        if (at !== undefined) editor.chain().focus().deleteRange({ from: at, to: at + 1 }).run();
      });
      dom.append(body, words, ...(editor.isEditable ? [remove] : []));
      if (!isLiveBlock(name)) {
        words.textContent = "A block this version does not know. It stays in the document.";
        words.hidden = false;
        return { dom, ignoreMutation: () => true };
      }

      dom.dataset["live"] = name;
      const label = LIVE_BLOCKS[name];
      remove.setAttribute("aria-label", `Take the block “${label}” out of the document`);
      const { blocks } = this.options;
      let running: AbortController | null = null;
      const load = async () => {
        running?.abort();
        const mine = (running = new AbortController());
        const late = setTimeout(() => say(body.hasChildNodes() ? "" : `${label} is on its way.`), 400);
        try {
          const fragment = await blocks.fetch(name, mine.signal);
          if (mine.signal.aborted) return;
          body.replaceChildren(fragment);
          say("");
          body.dispatchEvent(new CustomEvent("debrief:inserted", { bubbles: true }));
        } catch {
          if (mine.signal.aborted) return;
          say(body.hasChildNodes() ? `${label} as last seen here; no newer version could be fetched.` : `${label} can’t be fetched now. It comes back with the connection.`);
        } finally {
          clearTimeout(late);
        }
      };
      const say = (text: string) => {
        words.textContent = text;
        words.hidden = text === "";
      };
      const unwatch = blocks.watch((changed) => {
        if (changed === null || changed === name) void load();
      });
      void load();
      return {
        dom,
        // Links, folds and buttons inside work as on any page; everything else selects the block.
        stopEvent: (event) => event.target instanceof Element && event.target.closest("a,button,summary,input,select,label") !== null,
        ignoreMutation: () => true,
        selectNode: () => dom.classList.add("ProseMirror-selectednode"),
        deselectNode: () => dom.classList.remove("ProseMirror-selectednode"),
        destroy() {
          unwatch();
          running?.abort();
        },
      };
    };
  },
});
