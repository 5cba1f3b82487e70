// Offers words that were not saved when a document was begun anew: to copy, to put at the end, or to let go.
import type { Editor } from "@tiptap/core";
import { keptWords, name, takeWords } from "./kept.ts";

/** Shows the offer above `host` for as long as there is something to offer. Returns a function that stops it. */
export function offerKept(editor: Editor, host: HTMLElement, doc: string): { look(): void; stop(): void } {
  let shown: HTMLElement | null = null;
  const look = () => {
    shown?.remove();
    shown = null;
    const kept = keptWords(localStorage, doc);
    if (kept.length === 0) return;
    const section = (shown = document.createElement("section"));
    section.className = "kept-words";
    section.setAttribute("role", "status");
    const line = document.createElement("p");
    line.textContent = "The document was begun anew before these words of yours were saved.";
    const words = document.createElement("blockquote");
    words.append(
      ...kept.map((each) => {
        const paragraph = document.createElement("p");
        paragraph.textContent = each.words;
        return paragraph;
      }),
    );
    const acts = document.createElement("p");
    acts.className = "acts";
    const copy = button("Copy", async () => {
      await navigator.clipboard.writeText(kept.map((each) => each.words).join("\n\n"));
      copy.textContent = "Copied";
    });
    acts.append(
      button("Put at the end", () => {
        // Taken first: whatever happens then, the words are there once.
        const taken = takeWords(localStorage, doc);
        look();
        const paragraphs = taken.map((each) => ({ type: "paragraph", content: [{ type: "text", text: each.words }] }));
        editor.chain().insertContentAt(editor.state.doc.content.size, paragraphs).focus("end").run();
      }),
      copy,
      button("Let go", () => {
        takeWords(localStorage, doc);
        look();
      }),
    );
    section.append(line, words, acts);
    host.before(section);
  };
  const elsewhere = (event: StorageEvent) => {
    if (event.key === name(doc)) look();
  };
  addEventListener("storage", elsewhere);
  look();
  return {
    look,
    stop: () => {
      removeEventListener("storage", elsewhere);
      shown?.remove();
    },
  };
}

function button(label: string, act: () => void | Promise<void>): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = label;
  made.addEventListener("click", () => void act());
  return made;
}
