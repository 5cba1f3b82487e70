// "/": what can be put into a document.
import type { ChainedCommands } from "@tiptap/core";
import { LIVE_BLOCKS, type LiveBlockName } from "../schema/live-block.ts";
import type { Choice } from "./listbox.ts";
import type { Source } from "./trigger.ts";

export interface Insertion {
  label: string;
  /** Other words somebody may look for. */
  also: string;
  icon: string;
  group: "Text" | "From the incident";
  detail?: string;
  run(chain: ChainedCommands): ChainedCommands;
}

const block = (name: LiveBlockName, icon: string, also: string): Insertion => ({
  label: LIVE_BLOCKS[name],
  also,
  icon,
  group: "From the incident",
  run: (chain) => chain.insertContent({ type: "liveBlock", attrs: { block: name } }),
});

export const INSERTIONS: readonly Insertion[] = [
  { label: "Section", also: "heading title h2", icon: "heading-2", group: "Text", detail: "##", run: (chain) => chain.setNode("heading", { level: 2 }) },
  { label: "Smaller heading", also: "subsection h3", icon: "heading-3", group: "Text", detail: "###", run: (chain) => chain.setNode("heading", { level: 3 }) },
  { label: "List", also: "bullet points unordered", icon: "list", group: "Text", detail: "-", run: (chain) => chain.toggleBulletList() },
  { label: "Numbered list", also: "ordered steps", icon: "list-ordered", group: "Text", detail: "1.", run: (chain) => chain.toggleOrderedList() },
  { label: "Tasks", also: "todo check list checkbox", icon: "list-checks", group: "Text", detail: "[ ]", run: (chain) => chain.toggleTaskList() },
  { label: "Table", also: "rows columns grid", icon: "table", group: "Text", run: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }) },
  { label: "Quote", also: "blockquote said words", icon: "quote", group: "Text", detail: ">", run: (chain) => chain.toggleBlockquote() },
  { label: "Code", also: "block log command output snippet", icon: "square-code", group: "Text", detail: "```", run: (chain) => chain.toggleCodeBlock() },
  { label: "Line", also: "rule divider horizontal", icon: "minus", group: "Text", detail: "---", run: (chain) => chain.setHorizontalRule() },
  { label: "Question", also: "ask prompt open", icon: "circle-question-mark", group: "From the incident", run: (chain) => chain },
  block("timeline", "clock", "events history what happened"),
  block("follow-ups", "check", "actions ideas tasks soak"),
  block("facts", "file-text", "header severity duration owner"),
];

/** Insertions that fit the words, those whose name begins with them first. */
export function findInsertions(query: string): Insertion[] {
  const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const rank = (one: Insertion) => {
    const label = one.label.toLowerCase();
    const text = `${label} ${one.also}`;
    if (!words.every((word) => text.split(/[\s-]+/).some((part) => part.startsWith(word)))) return -1;
    return words[0] !== undefined && label.startsWith(words[0]) ? 2 : 1;
  };
  return INSERTIONS.map((one) => ({ one, score: rank(one) }))
    .filter(({ score }) => score >= 0)
    .sort((x, y) => (x.one.group === y.one.group ? y.score - x.score : 0))
    .map(({ one }) => one);
}

/** @param askPrompt opens the line in which a question is worded, at a place in the document */
export function slashSource(askPrompt: (range: { from: number; to: number }) => void): Source {
  return {
    char: "/",
    label: "Put in",
    nothing: "Nothing by that name. Esc closes this list.",
    find: (query, range, editor): Choice[] =>
      findInsertions(query).map((one) => ({
        label: one.label,
        icon: one.icon,
        group: one.group,
        ...(one.detail ? { detail: one.detail } : {}),
        choose() {
          if (one.label === "Question") askPrompt(range);
          else one.run(editor.chain().focus().deleteRange(range)).run();
        },
      })),
  };
}
