// The list of sections beside the document, and anchors on the sections themselves.
import { type Editor, Extension } from "@tiptap/core";
import type { Node as DocumentNode } from "@tiptap/pm/model";
import { Plugin, PluginKey } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

export interface Section {
  id: string;
  title: string;
  /** Position of the heading in the document. */
  at: number;
}

/** Headings of level 2 with an anchor each: the template's section name, or one made of the words. */
export function sections(doc: DocumentNode): Section[] {
  const seen = new Map<string, number>();
  const found: Section[] = [];
  doc.forEach((node, at) => {
    if (node.type.name !== "heading" || Number(node.attrs["level"]) > 2 || node.textContent.trim() === "") return;
    const base = `section-${anchorName(String(node.attrs["section"] ?? "") || node.textContent)}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    found.push({ id: count === 1 ? base : `${base}-${count}`, title: node.textContent.trim(), at });
  });
  return found;
}

export function anchorName(text: string): string {
  return text.normalize("NFKD").toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "part";
}

const key = new PluginKey<{ list: Section[]; anchors: DecorationSet }>("sections");

export const Anchors = Extension.create({
  name: "anchors",
  addProseMirrorPlugins() {
    const read = (doc: DocumentNode) => {
      const list = sections(doc);
      const anchors = list.map(({ at, id }) => Decoration.node(at, at + (doc.nodeAt(at)?.nodeSize ?? 1), { id }));
      return { list, anchors: DecorationSet.create(doc, anchors) };
    };
    return [
      new Plugin({
        key,
        state: { init: (_config, state) => read(state.doc), apply: (tr, before) => (tr.docChanged ? read(tr.doc) : before) },
        props: { decorations: (state) => key.getState(state)?.anchors },
      }),
    ];
  },
});

/** Keeps `[data-outline]` in step with the document. Returns a function that stops it. */
export function showOutline(editor: Editor, target: HTMLElement): () => void {
  const list = target.matches("ol,ul") ? target : (target.querySelector("ol,ul") ?? target.appendChild(document.createElement("ol")));
  let shown = "";
  let frame = 0;

  const mark = () => {
    frame = 0;
    // The current section is the last one whose heading has passed the upper third of the window.
    let current: Element | null = null;
    for (const link of list.querySelectorAll("a")) {
      const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading && (current === null || heading.getBoundingClientRect().top < innerHeight / 3)) current = link;
    }
    for (const link of list.querySelectorAll("a")) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const markSoon = () => {
    if (frame === 0) frame = requestAnimationFrame(mark);
  };
  const fill = () => {
    const now = key.getState(editor.state)?.list ?? [];
    const print = JSON.stringify(now.map(({ id, title }) => [id, title]));
    if (print !== shown) {
      shown = print;
      list.replaceChildren(
        ...now.map(({ id, title }) => {
          const item = document.createElement("li");
          const link = document.createElement("a");
          link.href = `#${encodeURIComponent(id)}`;
          link.textContent = title;
          item.append(link);
          return item;
        }),
      );
    }
    markSoon();
  };
  fill();
  editor.on("update", fill);
  addEventListener("scroll", markSoon, { passive: true });
  return () => {
    editor.off("update", fill);
    removeEventListener("scroll", markSoon);
    cancelAnimationFrame(frame);
  };
}
