// Two inline atoms: a person, and an event of the timeline. Both keep the label they had when written,
// so that a reader without the timeline still has a sentence.
import { Node, mergeAttributes } from "@tiptap/core";

function mention(name: "personMention" | "eventMention", kind: "person" | "event", shown: (label: string) => string) {
  return Node.create({
    name,
    group: "inline",
    inline: true,
    atom: true,
    selectable: false,

    addAttributes() {
      const data = (key: string) => ({
        default: null,
        parseHTML: (element: HTMLElement) => element.getAttribute(`data-${key}`),
        renderHTML: (attributes: Record<string, unknown>) => ({ [`data-${key}`]: attributes[key] ?? "" }),
      });
      return { id: data("id"), label: data("label") };
    },

    parseHTML() {
      return [{ tag: `span[data-mention="${kind}"]` }];
    },

    renderHTML({ node, HTMLAttributes }) {
      const label = String(node.attrs["label"] ?? "");
      return ["span", mergeAttributes({ "data-mention": kind, class: `mention to-${kind}` }, HTMLAttributes), shown(label)];
    },

    renderText({ node }) {
      return shown(String(node.attrs["label"] ?? ""));
    },
  });
}

export const PersonMention = mention("personMention", "person", (label) => `@${label}`);
export const EventMention = mention("eventMention", "event", (label) => label);
