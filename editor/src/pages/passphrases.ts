// What helps to type a passphrase: a look at what was typed, and how strong a new one is. Without a script neither is
// there, and nothing is missing: the server judges every new passphrase by itself (crates/app/src/passphrase.rs).

/** The fewest characters that the server takes. */
export const MIN = 12;
/** A guess that takes so many bits is far beyond whoever guesses at a stolen record. */
const STRONG = 60;

export interface Judged {
  /** From 0 to 4. */
  strength: number;
  words: string;
}

/** Whether it is a shorter text again and again, or a few characters. */
function repeats(text: string): boolean {
  if (new Set(text).size < 5) return true;
  for (let unit = 1; unit <= text.length / 2; unit++) if (text.slice(unit) === text.slice(0, -unit)) return true;
  return false;
}

/** What guessing costs, in bits, roughly: words are drawn from some thousands, what is no word letter by letter. */
function bits(text: string): number {
  const parts = new Set(text.toLowerCase().split(/[\s_.,;:!?-]+/).filter(Boolean));
  let sum = 0;
  for (const part of parts) {
    const letters = part.replace(/\d+/g, "").length;
    const digits = part.length - letters;
    // Nobody needs many tries for a year or a row of digits.
    sum += Math.min(letters * 4.7, 14) + Math.min(digits * 2, 8);
  }
  return sum;
}

/** How strong a new passphrase is. What is said is a help; whether it is taken, the server says. */
export function judge(text: string): Judged | null {
  const missing = MIN - [...text].length;
  if (text === "") return null;
  if (missing > 0) return { strength: 0, words: missing === 1 ? "One more character" : `${missing} more characters` };
  const plain = text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  if (repeats(plain)) return { strength: 1, words: "Easy to guess: it repeats itself" };
  const guesses = bits(text);
  if (guesses < 30) return { strength: 1, words: "Easy to guess: add another word" };
  if (guesses < 42) return { strength: 2, words: "Fair: one more word makes it good" };
  if (guesses < STRONG) return { strength: 3, words: "Good" };
  return { strength: 4, words: "Very good" };
}

function offerLook(field: HTMLInputElement): void {
  const look = document.createElement("button");
  look.type = "button";
  look.className = "button plain look";
  look.setAttribute("aria-controls", field.id);
  const say = (): void => {
    const shown = field.type === "text";
    const what = document.createElement("span");
    what.className = "unseen";
    what.textContent = " what is typed";
    look.replaceChildren(shown ? "Hide" : "Show", what);
  };
  look.addEventListener("click", () => {
    field.type = field.type === "text" ? "password" : "text";
    say();
    field.focus();
  });
  // What leaves is a passphrase again, so that no browser keeps it among what was typed.
  field.form?.addEventListener("submit", () => {
    field.type = "password";
    say();
  });
  const beside = document.createElement("div");
  beside.className = "peep";
  field.replaceWith(beside);
  beside.append(field, look);
  say();
}

function offerMeter(field: HTMLInputElement): void {
  const meter = document.createElement("meter");
  Object.assign(meter, { min: 0, max: 4, low: 2, high: 3, optimum: 4 });
  meter.setAttribute("aria-hidden", "true");
  const said = document.createElement("span");
  said.setAttribute("role", "status");
  const line = document.createElement("p");
  line.className = "strength";
  line.hidden = true;
  line.append(meter, said);
  (field.closest(".peep") ?? field).after(line);
  const show = (): void => {
    const judged = judge(field.value);
    line.hidden = judged === null;
    if (!judged) return;
    meter.value = judged.strength;
    said.textContent = judged.words;
  };
  field.addEventListener("input", show);
  show();
}

/** Serves every field for a passphrase. */
export function helpWithPassphrases(): void {
  for (const field of document.querySelectorAll<HTMLInputElement>("input[type=password][autocomplete$=-password]")) {
    const focused = document.activeElement === field;
    offerLook(field);
    if (field.autocomplete === "new-password") offerMeter(field);
    if (focused) field.focus();
  }
}
