// A plain field with its marks: the lines in it, the note below it, and the card that a press, Ctrl+. or the note opens.
import { openCard } from "../menus/card.ts";
import type { Answer, Mark, Placed } from "./finding.ts";
import { Layer, type TextField } from "./layer.ts";
import { Note, named } from "./note.ts";
import type { Source } from "./reader.ts";
import { Steps } from "./steps.ts";
import { incidentOf, keptAt, moved, surfaceOf } from "./stretches.ts";

export interface Page {
  /** What the server said last. */
  answer(): Answer | null;
  /** Asks nothing about this sentence any more. */
  silence(mark: Mark): void;
}

export class Field implements Source {
  /** What is asked about its words, at their places now. */
  found: Placed[] = [];
  composing = false;
  private shown: Placed[] = [];
  private before: string;
  private readonly layer: Layer;
  private readonly note: Note;

  constructor(
    readonly element: TextField,
    private readonly page: Page,
  ) {
    this.before = element.value;
    this.layer = new Layer(element);
    this.note = new Note(element, (placed) => this.open(placed, true));
    element.addEventListener("compositionstart", () => (this.composing = true));
    element.addEventListener("compositionend", () => (this.composing = false));
    element.addEventListener("click", () => {
      const under = element.selectionStart === element.selectionEnd ? this.under() : null;
      if (under) this.open(under, false);
    });
    element.addEventListener("keydown", (event: Event) => {
      if (!(event instanceof KeyboardEvent) || event.key !== "." || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      const one = this.under() ?? this.shown[0];
      if (!one) return;
      event.preventDefault();
      this.open(one, true);
    });
  }

  get text(): string {
    return this.element.value;
  }

  get incident(): string | null {
    const { form } = this.element;
    if (!form) return null;
    return incidentOf(new URL(form.action, location.href).pathname, this.beside("about") || null);
  }

  get surface(): string {
    return surfaceOf(this.element.dataset["aid"] ?? "any", this.beside("kind"), this.beside("audience"));
  }

  /** Moves the marks with the words after a change. */
  follow(): void {
    // What became of a step was read by whoever writes on.
    if (this.before !== this.text) this.note.say("");
    this.found = moved(this.found, this.before, this.text);
    this.before = this.text;
  }

  show(placed: Placed[]): void {
    this.shown = placed;
    this.layer.draw(this.text, placed);
    this.note.show(this.text, placed);
  }

  /** What another field of the same form says. */
  private beside(name: string): string {
    const found = this.element.form?.elements.namedItem(name);
    return found instanceof HTMLInputElement || found instanceof HTMLSelectElement ? found.value : "";
  }

  private under(): Placed | null {
    const at = this.element.selectionStart;
    return at === null ? null : (this.shown.find(({ from, to }) => from <= at && at <= to) ?? null);
  }

  private open(placed: Placed, focus: boolean): void {
    const { mark } = placed;
    const { incident } = this;
    const answer = this.page.answer();
    const host = this.element.closest<HTMLElement>("main") ?? document.body;
    const near = this.layer.place(placed);
    const kept = this.element.form ? keptAt(new URL(this.element.form.action, location.href).pathname) : null;
    const steps = incident === null ? null : new Steps(this.element, incident, kept, host, this.note);
    this.tell(mark, "seen");
    openCard(host, {
      mark,
      from: "field",
      beside: this.found.filter(({ mark }) => mark.beside).map(({ mark, from, to }) => ({ words: named(this.text.slice(from, to)), question: mark.question })),
      channel: answer?.channel ?? "",
      requests: incident !== null && answer?.asks === true ? `/postmortems/${incident}/requests` : null,
      accounts: incident === null ? null : `/incidents/${incident}/accounts`,
      near,
      focus,
      back: () => this.element.focus(),
      park: steps ? () => steps.park(placed, near, this.beside("event")) : undefined,
      contribute: steps && answer?.asks === true ? () => steps.contribute(near) : undefined,
      takeOut: steps && kept ? () => steps.takeOut(placed, kept) : undefined,
      tell: (outcome) => {
        this.tell(mark, outcome);
        this.page.silence(mark);
      },
    });
  }

  /** What became of a finding is kept by sentence; before there is an incident, this page alone knows. */
  private tell(mark: Mark, outcome: "seen" | "not_here" | "does_not_help"): void {
    const { incident } = this;
    if (incident === null) return;
    const body = new URLSearchParams({ sentence: mark.sentence, rule: mark.rule, outcome });
    void fetch(`/incidents/${incident}/language/findings`, { method: "POST", body, headers: { accept: "application/json" } }).catch(() => undefined);
  }
}
