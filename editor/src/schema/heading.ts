// Headings of a document start at level 2, because its title is the page's only level 1.
import { type NodeConfig, mergeAttributes } from "@tiptap/core";
import { Heading as Base } from "@tiptap/extension-heading";

/** The level to show for what is stored: the server writes numbers, older documents may hold text. */
export function shownLevel(stored: unknown): 2 | 3 | 4 {
  const level = Math.round(Number(stored));
  return level >= 4 ? 4 : level === 3 ? 3 : 2;
}

export const Heading = Base.extend({
  addAttributes() {
    return {
      level: { default: 2, rendered: false },
      // The template's name for the section ("summary"); anchors and "What a reader would miss" point at it.
      section: {
        default: null,
        keepOnSplit: false,
        parseHTML: (element: HTMLElement) => element.getAttribute("data-section"),
        renderHTML: ({ section }: Record<string, unknown>) =>
          section ? { "data-section": String(section), id: `section-${String(section)}` } : {},
      },
    };
  },
  parseHTML() {
    return [1, 2, 3, 4, 5, 6].map((level) => ({ tag: `h${level}`, attrs: { level: shownLevel(level) } }));
  },
  renderHTML({ node, HTMLAttributes }) {
    return [`h${shownLevel(node.attrs["level"])}`, mergeAttributes(HTMLAttributes), 0];
  },
} satisfies Partial<NodeConfig>).configure({ levels: [2, 3, 4] });
