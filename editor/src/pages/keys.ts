// Single keys: j and k between rows, a letter for what the page offers, "g i" between rooms, "?" for the list.
// They never work inside a field, with a dialog open, or when the person switched them off.
import { ChordReader, step } from "./chords.ts";

const ROOMS: Record<string, { href: string; says: string }> = {
  "g i": { href: "/incidents", says: "Incidents" },
  "g l": { href: "/postmortems", says: "Library" },
  "g f": { href: "/follow-ups", says: "Follow-ups" },
};

function inField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.closest("input:not([type=radio],[type=checkbox]),textarea,select,[role=textbox],dialog[open]") !== null);
}

const shown = (element: HTMLElement) => element.checkVisibility?.() ?? element.offsetParent !== null;
const rows = () => [...document.querySelectorAll<HTMLElement>("[data-row]")].filter(shown);

function goTo(row: HTMLElement | undefined): void {
  if (!row) return;
  for (const other of document.querySelectorAll<HTMLElement>("[data-row].at")) {
    other.classList.remove("at");
    other.tabIndex = -1;
  }
  row.classList.add("at");
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function open(row: HTMLElement): void {
  (row.matches("a") ? row : row.querySelector<HTMLElement>("a[data-open], a[href]"))?.click();
}

/** The element a letter stands for: the one in the current row first, then the page's. */
function actFor(letter: string): HTMLElement | null {
  const selector = `[data-key="${CSS.escape(letter)}"]`;
  const here = document.querySelector<HTMLElement>("[data-row].at");
  const inRow = here?.matches(selector) ? here : here?.querySelector<HTMLElement>(selector);
  if (inRow && shown(inRow)) return inRow;
  return [...document.querySelectorAll<HTMLElement>(selector)].find((one) => shown(one) && !one.closest("[data-row]")) ?? null;
}

function act(element: HTMLElement): void {
  if (element.matches("input:not([type=checkbox],[type=radio],[type=submit]),textarea,select")) element.focus();
  else element.click();
}

/** Every key of this page with what it does, for the "?" dialog. */
export function pageKeys(): { keys: string; says: string }[] {
  const list: { keys: string; says: string }[] = [];
  if (document.querySelector("[data-row]")) list.push({ keys: "j", says: "Next" }, { keys: "k", says: "Previous" }, { keys: "Enter", says: "Open" });
  const seen = new Set<string>();
  for (const element of document.querySelectorAll<HTMLElement>("[data-key][data-key-says]")) {
    const keys = element.dataset["key"] ?? "";
    if (seen.has(keys)) continue;
    seen.add(keys);
    list.push({ keys, says: element.dataset["keySays"] ?? "" });
  }
  if (document.querySelector("collab-editor")) {
    list.push({ keys: "/", says: "In the text: put something in" }, { keys: "@", says: "In the text: mention people and events" }, { keys: "Alt F10", says: "Formatting" }, { keys: "Ctrl Z", says: "Undo what you did" });
  }
  list.push({ keys: "Ctrl K", says: "Find or do" });
  for (const [keys, { says }] of Object.entries(ROOMS)) list.push({ keys, says });
  list.push({ keys: "?", says: "These keys" }, { keys: "Esc", says: "Close" });
  return list;
}

export function showKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog#keys") ?? document.body.appendChild(document.createElement("dialog"));
  dialog.id = "keys";
  dialog.classList.add("keys-dialog");
  dialog.setAttribute("aria-labelledby", "keys-title");
  const head = document.createElement("header");
  const title = document.createElement("h2");
  title.id = "keys-title";
  title.textContent = "Keys on this page";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button plain";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  const list = document.createElement("dl");
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const { keys, says } of pageKeys()) {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    for (const one of keys.split(" ")) {
      const cap = document.createElement("kbd");
      cap.textContent = mac && one === "Ctrl" ? "⌘" : one;
      term.append(cap, " ");
    }
    const meaning = document.createElement("dd");
    meaning.textContent = says;
    row.append(term, meaning);
    list.append(row);
  }
  dialog.replaceChildren(head, list);
  if (document.documentElement.dataset["keys"] === "off") {
    const note = document.createElement("p");
    note.className = "quiet small";
    note.textContent = "Single keys are switched off in your settings.";
    dialog.append(note);
  }
  if (!dialog.open) dialog.showModal();
}

export function listenForKeys(): void {
  const chords = new ChordReader();
  for (const [index, row] of rows().entries()) if (!row.matches("a")) row.tabIndex = index === 0 ? 0 : -1;
  document.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
    for (const other of document.querySelectorAll("[data-row].at")) if (other !== row) other.classList.remove("at");
    row?.classList.add("at");
  });
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || inField(event.target) || document.querySelector("dialog[open]")) return;
    const chord = chords.read(event, event.timeStamp);
    if (chord === null || document.documentElement.dataset["keys"] === "off") return;
    const room = ROOMS[chord];
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("at"));
    if (room) location.assign(room.href);
    else if (chord === "?") showKeys();
    else if ((chord === "j" || chord === "k") && all.length > 0) goTo(all[step(at, chord === "j" ? 1 : -1, all.length)]);
    else if (chord === "Enter") {
      if (!(event.target instanceof HTMLElement) || !event.target.matches("[data-row]:not(a)")) return;
      open(event.target);
    } else {
      const element = actFor(chord);
      if (!element) return;
      act(element);
    }
    event.preventDefault();
  });
}
