// The line below a field that names what is asked about: a button for each, so that a card can be reached by Tab, by touch
// and by a screen reader, which is told of them once, quietly.
import type { Placed } from "./finding.ts";
import type { TextField } from "./layer.ts";

const LONGEST = 40;
let notes = 0;

/** What a screen reader says when there is more to be asked than before. */
export function sentenceFor(many: number): string {
  return many === 1 ? "One question about these words, below the field." : `${many} questions about these words, below the field.`;
}

/** The words of a mark, on one line and not too many. */
export function named(words: string): string {
  const line = words.replace(/\s+/g, " ").trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1).trimEnd()}…`;
}

export class Note {
  private readonly line = document.createElement("div");
  private readonly status = document.createElement("span");
  private readonly asked = document.createElement("span");
  private readonly told = document.createElement("span");
  private shows = "";
  private many = 0;

  constructor(
    private readonly field: TextField,
    private readonly open: (placed: Placed) => void,
  ) {
    this.line.className = "aid-line";
    this.status.className = "unseen";
    this.status.setAttribute("role", "status");
    this.asked.id = `aid-note-${++notes}`;
    this.told.className = "aid-told";
    this.told.setAttribute("role", "status");
    this.line.append(this.status, this.asked, this.told);
    // A form of one line has its buttons beside the field; the note comes after all of them. A label holds nothing to press.
    const row = field.closest(".inline-form");
    if (row) row.append(this.line);
    else (field.closest("label") ?? field).after(this.line);
  }

  show(text: string, placed: Placed[]): void {
    const names = placed.map(({ from, to, mark }) => `${mark.rule} ${named(text.slice(from, to))}`);
    // A line that says the same stays as it is: somebody may stand on one of its buttons.
    if (names.join("\n") !== this.shows) {
      this.shows = names.join("\n");
      const stood = this.asked.contains(document.activeElement);
      this.asked.replaceChildren(...(placed.length > 0 ? ["Asked about ", ...placed.map((_, at) => this.button(at))] : []));
      if (stood) this.field.focus();
    }
    this.placed = placed;
    [...this.asked.querySelectorAll("button")].forEach((button, at) => {
      const one = placed[at];
      if (one) button.textContent = `“${named(text.slice(one.from, one.to))}”`;
    });
    this.stand();
    this.describe(placed.length > 0);
    if (placed.length > this.many) this.status.textContent = sentenceFor(placed.length);
    else if (placed.length === 0) this.status.textContent = "";
    this.many = placed.length;
  }

  /** Says what became of a step, with where it can be seen. */
  say(words: string, see?: { words: string; href: string }): void {
    this.told.replaceChildren(words);
    if (see) {
      const link = document.createElement("a");
      link.href = see.href;
      link.textContent = see.words;
      this.told.append(" ", link);
    }
    this.stand();
  }

  /** Takes its room only while there is something in it. */
  private stand(): void {
    this.line.classList.toggle("has", this.placed.length > 0 || this.told.textContent !== "");
  }

  private placed: Placed[] = [];

  private button(at: number): HTMLButtonElement {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "aid-open";
    made.addEventListener("click", () => {
      const one = this.placed[at];
      if (one) this.open(one);
    });
    return made;
  }

  private describe(on: boolean): void {
    const ids = (this.field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== "" && id !== this.asked.id);
    if (on) ids.push(this.asked.id);
    if (ids.length > 0) this.field.setAttribute("aria-describedby", ids.join(" "));
    else this.field.removeAttribute("aria-describedby");
  }
}
