// The card of a marked sentence, in the document or in a plain field: the question, why it is asked, where that is known from, and what can be done. Not modal:
// Escape or a press elsewhere closes it and the cursor is where it was.
import type { Mark } from "../aid/finding.ts";

export interface CardRequest {
  mark: Mark;
  /** Where matters about a person go; empty if nobody said. */
  channel: string;
  /** Where a debrief or an account is asked for; null where there is nothing beside which that could stand. */
  requests: string | null;
  /** What else is asked about in the same paragraph, beyond what has marks there. */
  beside: { words: string; question: string }[];
  near: { left: number; top: number; bottom: number };
  /** Whether the keys go to the card: a press on the words leaves the cursor where it was put. */
  focus: boolean;
  /** Puts the focus back. */
  back(): void;
  /** Where people tell how it looked to them; null where there is no incident yet. */
  accounts: string | null;
  /** Where the sentence stands. */
  from: "document" | "field";
  /** Asks for the words of an idea; absent where no incident is there to have one. */
  park?: (() => void) | undefined;
  /** Asks for another thing that contributed; absent where there is no document to hold it. */
  contribute?: (() => void) | undefined;
  /** Takes this sentence out, or leads to the page that shows what would leave. What comes back is said; nothing: the card closes. */
  takeOut?: (() => Promise<string | null> | void) | undefined;
  tell(outcome: "not_here" | "does_not_help"): void;
}

/** Every step that a rule can offer; each has a control on the card, or this does not compile. */
export const STEPS = ["schedule-debrief", "open-account", "personnel-channel", "add-contributor", "move-to-ideas"] as const;
type Step = (typeof STEPS)[number];

/** The questions that have no mark of their own, folded: little is open at once. */
function list(beside: CardRequest["beside"]): HTMLElement {
  const made = document.createElement("details");
  made.className = "aid-beside";
  const summary = document.createElement("summary");
  summary.textContent = beside.length === 1 ? "One more question here" : `${beside.length} more questions here`;
  const all = document.createElement("ul");
  for (const { words, question } of beside) {
    const line = document.createElement("li");
    line.textContent = `“${words}”: ${question}`;
    all.append(line);
  }
  made.append(summary, all);
  return made;
}

let cards = 0;

export function openCard(host: HTMLElement, request: CardRequest): void {
  for (const earlier of host.querySelectorAll(".aid-card")) earlier.remove();
  const { mark } = request;
  const id = `aid-${++cards}`;
  const card = document.createElement("section");
  card.className = "aid-card";
  card.setAttribute("role", "dialog");
  card.setAttribute("aria-labelledby", id);
  card.tabIndex = -1;
  const line = (name: string, text: string, className = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    made.className = className;
    card.append(made);
    return made;
  };
  line("p", mark.question, "aid-question-words").id = id;
  line("p", mark.why, "aid-why");
  line("p", `${mark.source} (${mark.rule})`, "aid-source");
  const said = line("p", "", "aid-said");
  said.setAttribute("role", "status");
  const acts = document.createElement("div");
  card.append(acts);

  const close = (focus: boolean) => {
    removeEventListener("pointerdown", outside, true);
    removeEventListener("keydown", keys, true);
    card.remove();
    if (focus) request.back();
  };
  const outside = (event: Event) => {
    if (event.target instanceof Node && !card.contains(event.target)) close(false);
  };
  const keys = (event: KeyboardEvent) => {
    const inside = event.target instanceof Node && card.contains(event.target);
    if (event.key === "Escape") {
      event.stopPropagation();
      close(true);
    } else if (!inside && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
      // Whoever writes on has no use for the card.
      close(false);
    }
  };
  const button = (text: string, className: string, run: () => void) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = className;
    made.textContent = text;
    made.addEventListener("click", run);
    acts.append(made);
    return made;
  };
  const ask = (kind: string, words: string) => {
    const { requests } = request;
    if (requests === null) return;
    const made = button(words, "button", () => {
      made.disabled = true;
      fetch(requests, { method: "POST", body: new URLSearchParams({ kind }) })
        .then((answer) => {
          said.textContent = answer.ok ? "Asked for. The owner sees it beside the document." : "This did not reach the server. Try again.";
          made.disabled = answer.ok;
        })
        .catch(() => {
          said.textContent = "This did not reach the server. Try again.";
          made.disabled = false;
        });
    });
  };
  const offers: Record<Step, () => void> = {
    "schedule-debrief": () => ask("debrief", "Ask for a debrief"),
    "open-account": () => {
      ask("account", "Ask for an account");
      if (request.accounts === null) return;
      const own = document.createElement("a");
      own.className = "button plain";
      own.textContent = "Tell your own";
      own.href = request.accounts;
      acts.append(own);
    },
    "personnel-channel": () => {
      if (request.channel !== "") tellChannel();
      const { takeOut } = request;
      if (!takeOut) return;
      const made = button(`Take it out of the ${request.from}`, "button", () => {
        made.disabled = true;
        void Promise.resolve(takeOut.call(request)).then((words) => {
          if (words === null) close(true);
          made.disabled = false;
          said.textContent = words ?? "";
        });
      });
    },
    "add-contributor": () => lead("Add what else contributed", request.contribute),
    "move-to-ideas": () => lead("Park it as an idea", request.park),
  };
  const lead = (words: string, to: (() => void) | undefined) => {
    if (!to) return;
    button(words, "button", () => {
      close(false);
      to.call(request);
    });
  };
  const tellChannel = () => {
    const where = line("p", "A matter about a person belongs here: ", "aid-channel");
    // An address can be followed; anything else an administrator wrote is read.
    const address = /^https:\/\/\S+$/.test(request.channel);
    const told = document.createElement(address ? "a" : "span");
    told.textContent = request.channel;
    if (address) {
      told.setAttribute("href", request.channel);
      told.setAttribute("rel", "noreferrer");
    }
    where.append(told);
  };
  for (const step of STEPS) if (mark.steps.includes(step)) offers[step]();
  button("Not here", "button plain", () => {
    request.tell("not_here");
    close(true);
  });
  button("This rule does not help us", "button plain", () => {
    request.tell("does_not_help");
    close(true);
  });
  card.append(acts);
  if (request.beside.length > 0) card.append(list(request.beside));
  host.append(card);
  const { width, height } = card.getBoundingClientRect();
  card.style.left = `${Math.max(8, Math.min(request.near.left, document.documentElement.clientWidth - width - 8))}px`;
  // Below the words, or above them where there is no room: the card never covers what it speaks of.
  const below = request.near.bottom + 8;
  card.style.top = `${Math.max(8, below + height > innerHeight - 8 ? request.near.top - height - 8 : below)}px`;
  if (request.focus) card.querySelector<HTMLElement>("button, a")?.focus();
  addEventListener("pointerdown", outside, true);
  addEventListener("keydown", keys, true);
}
