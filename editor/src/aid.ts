// Quiet marks under plain fields while somebody types in them. Loaded with the first such field that gets the focus; a page
// works without it, and then asks after saving. Nothing is kept, nothing is ever changed or blocked.
import "../styles/aid.css";
import { Field } from "./aid/field.ts";
import type { Answer } from "./aid/finding.ts";
import { within } from "./aid/finding.ts";
import type { TextField } from "./aid/layer.ts";
import { Reader } from "./aid/reader.ts";

const PAUSE_MS = 600;

const fields = new Map<TextField, Field>();
/** Sentences that were dismissed on this page: an answer that was on its way says otherwise. */
const silenced = new Set<string>();
let last: Answer | null = null;

const reader = new Reader<Field>({
  later(run) {
    const timer = setTimeout(run, PAUSE_MS);
    return () => clearTimeout(timer);
  },
  async send(question) {
    const answer = await fetch("/language", {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(question),
    });
    return answer.ok ? ((await answer.json()) as Answer) : null;
  },
  told(field, marks, answer) {
    last = answer ?? last;
    field.found = marks.map((mark) => ({ mark, from: mark.start, to: mark.end }));
    draw();
  },
});

/** Shows what all fields of the page show together: some rules speak once, and who writes for the first time sees few. */
function draw(): void {
  for (const element of fields.keys()) if (!element.isConnected) fields.delete(element);
  const order = [...fields.values()].sort((a, b) => (a.element.compareDocumentPosition(b.element) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  const all = order.flatMap((field) => field.found.map((placed) => ({ ...placed, field, placed })));
  const heard = all.filter(({ mark }) => !silenced.has(mark.sentence));
  const shown = within(heard, last?.most ?? null);
  for (const field of order) field.show(shown.filter((one) => one.field === field).map(({ placed }) => placed));
}

function fieldOf(target: EventTarget | null): Field | null {
  if (!(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) || target.dataset["aid"] === undefined) return null;
  const known = fields.get(target);
  if (known) return known;
  const made = new Field(target, {
    answer: () => last,
    silence(mark) {
      silenced.add(mark.sentence);
      draw();
    },
  });
  fields.set(target, made);
  return made;
}

function typed(target: EventTarget | null): void {
  const field = fieldOf(target);
  if (!field) return;
  field.composing = false;
  field.follow();
  draw();
  reader.changed(field);
}

document.addEventListener("input", (event) => {
  // Words that an input method is still composing are not said yet; their lines move along.
  if (event instanceof InputEvent && event.isComposing) {
    const field = fieldOf(event.target);
    if (!field) return;
    field.composing = true;
    field.follow();
    draw();
  } else {
    typed(event.target);
  }
});
document.addEventListener("compositionend", (event) => typed(event.target));
// What was typed before this came.
const now = document.activeElement;
if ((now instanceof HTMLTextAreaElement || now instanceof HTMLInputElement) && now.value !== now.defaultValue) typed(now);
