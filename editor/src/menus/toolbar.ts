// Formatting. On narrow or touched screens a bar at the lower edge, above the keyboard, while one writes; elsewhere
// the same bar floats above a selection. Alt+F10 moves the focus into it, Escape back into the text.
import type { Editor } from "@tiptap/core";
import { icon } from "./icon.ts";
import { visibleBottom } from "./listbox.ts";

interface Tool {
  name: string;
  icon: string;
  keys?: string;
  /** Shown only where the bar is always there. */
  fixedOnly?: boolean;
  active?(editor: Editor): boolean;
  run(editor: Editor): void;
}

export interface ToolbarActs {
  link(): void;
  insert(): void;
  /** Shows what would leave if the selection were taken out for good. */
  takeOut(): void;
}

const mark = (name: string, label: string, shown: string, keys: string): Tool => ({
  name: label,
  icon: shown,
  keys,
  active: (editor) => editor.isActive(name),
  run: (editor) => editor.chain().focus().toggleMark(name).run(),
});

function tools(acts: ToolbarActs): Tool[][] {
  return [
    [
      { name: "Put in: headings, tables, the timeline", icon: "plus", keys: "/", fixedOnly: true, run: () => acts.insert() },
    ],
    [
      mark("bold", "Bold", "bold", "Ctrl B"),
      mark("italic", "Italic", "italic", "Ctrl I"),
      mark("strike", "Struck through", "strikethrough", "Ctrl Shift S"),
      mark("code", "Code", "code", "Ctrl E"),
      { name: "Link", icon: "link", keys: "Ctrl Shift K", active: (editor) => editor.isActive("link"), run: () => acts.link() },
    ],
    [
      { name: "Section", icon: "heading-2", active: (editor) => editor.isActive("heading", { level: 2 }), run: (editor) => editor.chain().focus().toggleHeading({ level: 2 }).run() },
      { name: "List", icon: "list", active: (editor) => editor.isActive("bulletList"), run: (editor) => editor.chain().focus().toggleBulletList().run() },
      { name: "Tasks", icon: "list-checks", active: (editor) => editor.isActive("taskList"), run: (editor) => editor.chain().focus().toggleTaskList().run() },
      { name: "Quote", icon: "quote", active: (editor) => editor.isActive("blockquote"), run: (editor) => editor.chain().focus().toggleBlockquote().run() },
    ],
    [{ name: "Take it out for good", icon: "scissors-line-dashed", run: () => acts.takeOut() }],
    [
      { name: "Undo what you did", icon: "undo-2", keys: "Ctrl Z", fixedOnly: true, run: (editor) => editor.chain().focus().undo().run() },
      { name: "Do it again", icon: "redo-2", keys: "Ctrl Shift Z", fixedOnly: true, run: (editor) => editor.chain().focus().redo().run() },
    ],
  ];
}

const TABLE_TOOLS: { name: string; run(editor: Editor): void }[] = [
  { name: "Row below", run: (editor) => editor.chain().focus().addRowAfter().run() },
  { name: "Column after", run: (editor) => editor.chain().focus().addColumnAfter().run() },
  { name: "Drop row", run: (editor) => editor.chain().focus().deleteRow().run() },
  { name: "Drop column", run: (editor) => editor.chain().focus().deleteColumn().run() },
  { name: "Drop table", run: (editor) => editor.chain().focus().deleteTable().run() },
];

/** Arrow keys move between the buttons of a toolbar; one of them at a time is a tab stop. */
function rove(bar: HTMLElement, back: () => void): void {
  const buttons = () => [...bar.querySelectorAll<HTMLButtonElement>("button")].filter((one) => one.offsetParent !== null);
  bar.addEventListener("keydown", (event) => {
    const all = buttons();
    const at = all.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      back();
    } else if (next !== undefined) {
      event.preventDefault();
      all[(next + all.length) % all.length]?.focus();
    }
  });
  bar.addEventListener("focusin", (event) => {
    for (const one of bar.querySelectorAll("button")) one.tabIndex = one === event.target ? 0 : -1;
  });
  bar.addEventListener("pointerdown", (event) => event.preventDefault());
  bar.querySelectorAll("button").forEach((one, index) => (one.tabIndex = index === 0 ? 0 : -1));
}

/** Puts the bars into `host`, before the text. Returns a function that takes them out. */
export function showToolbar(editor: Editor, host: HTMLElement, acts: ToolbarActs): () => void {
  const narrow = matchMedia("(max-width: 47.99rem), (pointer: coarse)");
  const bar = document.createElement("div");
  bar.className = "tools";
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Formatting");
  const table = document.createElement("div");
  table.className = "tools table-tools";
  table.setAttribute("role", "toolbar");
  table.setAttribute("aria-label", "Table");
  table.hidden = true;

  const updates: (() => void)[] = [];
  for (const group of tools(acts)) {
    const part = document.createElement("div");
    part.setAttribute("role", "group");
    for (const tool of group) {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-label", tool.name);
      button.title = tool.keys ? `${tool.name} (${tool.keys})` : tool.name;
      if (tool.fixedOnly) button.classList.add("fixed-only");
      button.append(icon(tool.icon));
      button.addEventListener("click", () => tool.run(editor));
      const { active } = tool;
      if (active) updates.push(() => button.setAttribute("aria-pressed", String(active(editor))));
      part.append(button);
    }
    bar.append(part);
  }
  for (const tool of TABLE_TOOLS) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = tool.name;
    button.addEventListener("click", () => tool.run(editor));
    table.append(button);
  }
  const back = () => editor.commands.focus();
  rove(bar, back);
  rove(table, back);
  host.prepend(bar);
  host.append(table);

  /** Above the place where the selection begins; below it where the window ends. */
  const float = (element: HTMLElement, from: number, gap: number) => {
    const start = editor.view.coordsAtPos(from);
    const { width, height } = element.getBoundingClientRect();
    const above = start.top - height - gap;
    element.style.left = `${Math.max(8, Math.min(start.left - 8, document.documentElement.clientWidth - width - 8))}px`;
    element.style.top = `${above > 56 ? above : start.bottom + gap}px`;
  };

  let frame = 0;
  const place = () => {
    frame = 0;
    if (editor.isDestroyed) return;
    for (const update of updates) update();
    const inBar = bar.contains(document.activeElement);
    const inTable = table.contains(document.activeElement);
    const here = editor.view.hasFocus() || inBar || inTable;
    const { selection } = editor.state;
    const floating = !narrow.matches;
    bar.classList.toggle("floating", floating);
    table.classList.toggle("floating", floating);
    const asking = host.querySelector(".line-form") !== null;
    const marking = !selection.empty && !("node" in selection);
    bar.hidden = !editor.isEditable || asking || (!inBar && (!here || (floating && !marking)));
    const cell = editor.isEditable && here && !asking && editor.isActive("table");
    table.hidden = !cell;
    if (!floating) {
      // The keyboard of a phone covers the page without making it smaller.
      const lower = innerHeight - visibleBottom();
      bar.style.left = bar.style.top = table.style.left = table.style.top = "";
      bar.style.bottom = `${lower}px`;
      table.style.bottom = `${lower + bar.offsetHeight}px`;
      return;
    }
    bar.style.bottom = table.style.bottom = "";
    if (!bar.hidden) float(bar, selection.from, 8);
    if (cell) {
      const at = editor.view.domAtPos(selection.from).node;
      const inside = at instanceof Element ? at : at.parentElement;
      const box = inside?.closest("table")?.getBoundingClientRect();
      if (box) {
        const room = document.documentElement.clientWidth - table.getBoundingClientRect().width - 8;
        table.style.left = `${Math.max(8, Math.min(box.left, room))}px`;
        table.style.top = `${Math.min(box.bottom + 6, innerHeight - 52)}px`;
        table.hidden = box.bottom < 96 || box.top > innerHeight - 60;
      }
    }
  };
  const placeSoon = () => {
    if (frame === 0) frame = requestAnimationFrame(place);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key !== "F10" || !event.altKey) return;
    event.preventDefault();
    const target = editor.isActive("table") && event.shiftKey ? table : bar;
    target.hidden = false;
    const first = [...target.querySelectorAll<HTMLButtonElement>("button")].find((one) => one.offsetParent !== null);
    first?.focus();
    placeSoon();
  };
  editor.on("transaction", placeSoon);
  editor.on("focus", placeSoon);
  editor.on("blur", placeSoon);
  addEventListener("scroll", placeSoon, { passive: true, capture: true });
  addEventListener("resize", placeSoon, { passive: true });
  visualViewport?.addEventListener("resize", placeSoon);
  visualViewport?.addEventListener("scroll", placeSoon);
  narrow.addEventListener("change", placeSoon);
  host.addEventListener("keydown", keys);
  host.addEventListener("focusout", placeSoon);
  place();
  return () => {
    cancelAnimationFrame(frame);
    removeEventListener("scroll", placeSoon, { capture: true });
    removeEventListener("resize", placeSoon);
    visualViewport?.removeEventListener("resize", placeSoon);
    visualViewport?.removeEventListener("scroll", placeSoon);
    narrow.removeEventListener("change", placeSoon);
    host.removeEventListener("keydown", keys);
    host.removeEventListener("focusout", placeSoon);
    bar.remove();
    table.remove();
  };
}
