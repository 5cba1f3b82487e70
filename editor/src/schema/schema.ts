// Every node and mark a document may hold. Names are shared with the server (Y.XmlFragment element names):
// an element that is not listed here would be dropped from the document by the first editor that opens it.
import type { Extensions } from "@tiptap/core";
import Blockquote from "@tiptap/extension-blockquote";
import Bold from "@tiptap/extension-bold";
import Code from "@tiptap/extension-code";
import CodeBlock from "@tiptap/extension-code-block";
import Document from "@tiptap/extension-document";
import HardBreak from "@tiptap/extension-hard-break";
import HorizontalRule from "@tiptap/extension-horizontal-rule";
import Italic from "@tiptap/extension-italic";
import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from "@tiptap/extension-list";
import Paragraph from "@tiptap/extension-paragraph";
import Strike from "@tiptap/extension-strike";
import Text from "@tiptap/extension-text";
import { Heading } from "./heading.ts";
import { Link } from "./link.ts";
import { LiveBlock, type LiveBlocks } from "./live-block.ts";
import { EventMention, PersonMention } from "./mentions.ts";
import { Question } from "./question.ts";
import { tables } from "./table.ts";

const Numbered = OrderedList.extend({
  addAttributes() {
    return {
      start: {
        default: 1,
        parseHTML: (element: HTMLElement) => Number(element.getAttribute("start")) || 1,
        renderHTML: ({ start }: Record<string, unknown>) => (Number(start) > 1 ? { start: Number(start) } : {}),
      },
    };
  },
});

export function schema(blocks: LiveBlocks): Extensions {
  return [
    Document, Paragraph, Text, HardBreak, HorizontalRule, Heading,
    Blockquote, CodeBlock, BulletList, Numbered, ListItem, ListKeymap, TaskList,
    TaskItem.configure({ nested: true, a11y: { checkboxLabel: (node, checked) => `${checked ? "Done" : "Open"}: ${node.textContent || "empty task"}` } }),
    Bold, Italic, Strike, Code, Link,
    ...tables,
    PersonMention, EventMention, Question, LiveBlock.configure({ blocks }),
  ];
}
