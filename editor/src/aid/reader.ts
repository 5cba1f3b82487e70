// Has fields read by the server after a pause in typing. An answer about words that are no longer there is dropped, so
// that what is older never stands over what is newer.
import type { Answer, Mark } from "./finding.ts";

/** A field as it stands now. */
export interface Source {
  readonly text: string;
  readonly surface: string;
  readonly incident: string | null;
  /** Whether an input method composes words there, which are not said yet. */
  readonly composing: boolean;
}

export interface Question {
  incident: string | null;
  fields: { text: string; surface: string }[];
}

export interface Surroundings<S> {
  /** Asks the server; nothing when that was not possible. */
  send(question: Question): Promise<Answer | null>;
  /** Runs something after the pause; what comes back calls it off. */
  later(run: () => void): () => void;
  /** Tells what is asked about the words that a source has now. */
  told(source: S, marks: Mark[], answer: Answer | null): void;
}

/** Fields of one request. */
const AT_ONCE = 12;

export class Reader<S extends Source> {
  private readonly waiting = new Set<S>();
  private asking = false;
  private callOff: (() => void) | null = null;

  constructor(private readonly around: Surroundings<S>) {}

  /** Somebody typed there. */
  changed(source: S): void {
    this.waiting.add(source);
    this.soon();
  }

  private soon(): void {
    this.callOff?.();
    this.callOff = this.around.later(() => void this.ask());
  }

  private async ask(): Promise<void> {
    this.callOff = null;
    const ready = [...this.waiting].filter(({ composing }) => !composing);
    const [first] = ready;
    // Where words are composed, the end of that asks again.
    if (!first) return;
    // What waits is asked about as soon as the answer that is on its way has come.
    if (this.asking) return;
    const { incident } = first;
    const asked = ready.filter((source) => source.incident === incident).slice(0, AT_ONCE).map((source) => ({ source, text: source.text, surface: source.surface }));
    for (const { source } of asked) this.waiting.delete(source);
    const [blank, said] = [asked.filter(({ text }) => text.trim() === ""), asked.filter(({ text }) => text.trim() !== "")];
    for (const { source } of blank) this.around.told(source, [], null);
    if (said.length > 0) {
      this.asking = true;
      const question = { incident, fields: said.map(({ text, surface }) => ({ text, surface })) };
      // Without a line there are no marks; writing goes on, and the next key asks again.
      const answer = await this.around.send(question).catch(() => null);
      this.asking = false;
      if (answer) {
        said.forEach(({ source, text, surface }, index) => {
          if (source.text !== text || source.surface !== surface) return;
          this.around.told(source, answer.marks.filter(({ piece }) => piece === index), answer);
        });
      }
    }
    if ([...this.waiting].some(({ composing }) => !composing) && this.callOff === null) this.soon();
  }
}
