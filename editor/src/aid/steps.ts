// The steps of the card that happen beside a plain field: an idea is parked, another contributor goes into the document, a
// sentence about somebody leaves. What else stands in the field and its form stays as it is.
import { sentenceAround, sendLeaving } from "../collab/leaving.ts";
import { askLine } from "../menus/line-form.ts";
import type { Placed } from "./finding.ts";
import type { TextField } from "./layer.ts";
import type { Note } from "./note.ts";
import { type Kept, leaving, mayBeSaved } from "./stretches.ts";

const NOT_REACHED = "This did not reach the server. Try again.";
const NO_CONTENT = 204;

interface Near {
  left: number;
  bottom: number;
}

export class Steps {
  constructor(
    private readonly field: TextField,
    private readonly incident: string,
    private readonly kept: Kept | null,
    private readonly host: HTMLElement,
    private readonly note: Note,
  ) {}

  /** Parks the sentence as an idea, in the words that whoever parks it gives it; `event` is the one that the form is about. */
  park(placed: Placed, near: Near, event: string): void {
    const { words } = this.sentence(placed);
    const from = this.kept?.surface === "event" ? this.kept.subject : event;
    this.ask("What could be different?", words.slice(0, 300), "Park it", near, "An idea needs a few words.", async (text) => {
      const answer = await this.post("follow-ups", { text, intent: "prevent", back: "field", event: from });
      if (answer) this.note.say("Parked. It rests first.", { words: "See the ideas", href: "/follow-ups" });
      return answer;
    });
  }

  /** Writes into the document what else contributed. */
  contribute(near: Near): void {
    this.ask("What else had to be so?", "", "Add it", near, "A few words are enough.", async (text) => {
      const answer = await this.post("requests", { kind: "contributor", words: text });
      if (answer) this.note.say("Added to the document.", { words: "See it", href: `/postmortems/${this.incident}` });
      return answer;
    });
  }

  /** Takes the sentence out: at once where nobody saved it yet, else by the page that shows what would leave. */
  async takeOut(placed: Placed, kept: Kept): Promise<string | null> {
    const { from, words } = this.sentence(placed);
    const { surface, subject } = kept;
    try {
      if (mayBeSaved(kept)) {
        const look = await this.send("withdrawal", { surface, subject, words });
        if (look.ok) {
          if (isChanged(this.field.form)) return "Save first, or leave the page: these words were kept before, and leave from a page of their own.";
          sendLeaving(this.incident, { surface, subject, words });
          return "";
        }
      }
      const answer = await this.send("withdrawal", { surface, subject, words, sure: "unsaved" });
      if (answer.status !== NO_CONTENT) return "This could not be kept, so nothing was taken out.";
    } catch {
      return NOT_REACHED;
    }
    this.cut(from, words);
    this.note.say("Taken out. It is sealed for you alone.", { words: "See it", href: `/incidents/${this.incident}/accounts` });
    return null;
  }

  private sentence({ from, to }: Placed): { from: number; words: string } {
    const text = this.field.value;
    // A line is a sentence of its own, also without a full stop.
    const start = text.lastIndexOf("\n", from - 1) + 1;
    const end = text.indexOf("\n", to);
    const line = text.slice(start, end < 0 ? undefined : end);
    const around = sentenceAround(line, from - start, to - start);
    return { from: start + around.from, words: line.slice(around.from, around.to) };
  }

  /** Takes words out of the field as somebody who deletes them would: one step back brings them again. */
  private cut(about: number, words: string): void {
    const { field } = this;
    // Somebody may have typed on meanwhile.
    const at = field.value.startsWith(words, about) ? about : field.value.indexOf(words);
    if (at < 0) return;
    const { from, to } = leaving(field.value, at, at + words.length);
    const rest = field.value.slice(0, from) + field.value.slice(to);
    field.focus();
    field.setSelectionRange(from, to);
    document.execCommand("delete");
    if (field.value === rest) return;
    field.value = rest;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  private ask(label: string, value: string, act: string, near: Near, none: string, send: (words: string) => Promise<boolean>): void {
    askLine(this.host, {
      label,
      value,
      act,
      near,
      back: () => this.field.focus(),
      take: (typed) => {
        const words = typed.trim();
        if (words === "") return none;
        // Words that did not arrive are asked for again, as they were.
        void send(words.slice(0, 1_000)).then((arrived) => arrived || this.ask(NOT_REACHED, words, act, near, none, send));
        return null;
      },
    });
  }

  private post(what: "follow-ups" | "requests", said: Record<string, string>): Promise<boolean> {
    return this.send(what, said).then(({ status }) => status === NO_CONTENT, () => false);
  }

  private send(what: "follow-ups" | "requests" | "withdrawal", said: Record<string, string>): Promise<Response> {
    const room = what === "requests" ? "postmortems" : "incidents";
    const body = new URLSearchParams(said);
    return fetch(`/${room}/${this.incident}/${what}`, { method: "POST", body, headers: { accept: "application/json" } });
  }
}

/** Whether somebody wrote or chose anything in a form that was not there when it came. */
function isChanged(form: HTMLFormElement | null): boolean {
  return [...(form?.elements ?? [])].some((one) => {
    if (one instanceof HTMLTextAreaElement) return one.value !== one.defaultValue;
    if (one instanceof HTMLInputElement) {
      if (one.type === "checkbox" || one.type === "radio") return one.checked !== one.defaultChecked;
      // A browser leaves out seconds that are none.
      const plain = (value: string) => (one.type === "datetime-local" ? value.replace(/(T\d\d:\d\d):00$/, "$1") : value);
      return plain(one.value) !== plain(one.defaultValue);
    }
    return one instanceof HTMLSelectElement && [...one.options].some(({ selected, defaultSelected }) => defaultSelected && !selected);
  });
}
