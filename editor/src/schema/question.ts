// A question the template asks. It is not text: it stays until somebody takes it out, and readers
// of the published document never see it as if it were an answer.
import { type Editor, Node, mergeAttributes } from "@tiptap/core";
import { TextSelection } from "@tiptap/pm/state";

declare module "@tiptap/core" {
  interface Commands<ReturnType> {
    question: { insertQuestion: (prompt: string) => ReturnType };
  }
}

/** Puts the cursor into the empty paragraph below the question, making one if there is none. */
function answer(editor: Editor, position: number): void {
  const { state, view } = editor;
  const question = state.doc.nodeAt(position);
  const paragraph = state.schema.nodes["paragraph"];
  if (!question || !paragraph) return;
  const below = position + question.nodeSize;
  const next = state.doc.nodeAt(below);
  const tr = state.tr;
  if (next?.type !== paragraph || next.content.size > 0) tr.insert(below, paragraph.create());
  tr.setSelection(TextSelection.create(tr.doc, below + 1)).scrollIntoView();
  view.dispatch(tr);
  view.focus();
}

export const Question = Node.create({
  name: "question",
  group: "block",
  atom: true,
  selectable: true,
  draggable: true,

  addAttributes() {
    return {
      prompt: {
        default: "",
        parseHTML: (element: HTMLElement) => element.getAttribute("data-prompt") ?? "",
        renderHTML: ({ prompt }: Record<string, unknown>) => ({ "data-prompt": prompt }),
      },
    };
  },

  parseHTML() {
    return [{ tag: "div[data-question]" }];
  },

  renderHTML({ node, HTMLAttributes }) {
    return ["div", mergeAttributes({ "data-question": "", class: "ask-block" }, HTMLAttributes), ["p", { class: "ph" }, String(node.attrs["prompt"] ?? "")]];
  },

  renderText({ node }) {
    return String(node.attrs["prompt"] ?? "");
  },

  addCommands() {
    return { insertQuestion: (prompt) => ({ commands }) => commands.insertContent({ type: this.name, attrs: { prompt } }) };
  },

  addNodeView() {
    return ({ editor, getPos, node }) => {
      const dom = document.createElement("div");
      dom.className = "ask-block";
      dom.contentEditable = "false";
      const prompt = document.createElement("p");
      prompt.className = "ph";
      prompt.textContent = String(node.attrs["prompt"] ?? "");
      const acts = document.createElement("p");
      acts.className = "ph-more";
      const at = () => getPos() ?? -1;
      const act = (label: string, run: () => void) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = label;
        button.addEventListener("click", run);
        acts.append(button);
        return button;
      };
      act("Answer", () => at() >= 0 && answer(editor, at()));
      act("Take out", () => {
        const position = at();
        if (position < 0) return;
        editor.chain().focus().deleteRange({ from: position, to: position + 1 }).run();
      });
      const show = () => {
        acts.hidden = !editor.isEditable;
      };
      show();
      dom.append(prompt, acts);
      return {
        dom,
        update(next) {
          if (next.type !== node.type) return false;
          prompt.textContent = String(next.attrs["prompt"] ?? "");
          show();
          return true;
        },
        stopEvent: (event) => event.target instanceof Element && event.target.closest("button") !== null,
        ignoreMutation: () => true,
      };
    };
  },

  addKeyboardShortcuts() {
    return {
      // Enter on a chosen question answers it.
      Enter: ({ editor }) => {
        const { selection } = editor.state;
        if (!("node" in selection) || (selection.node as { type?: { name?: string } })?.type?.name !== this.name) return false;
        answer(editor, selection.from);
        return true;
      },
    };
  },
});
