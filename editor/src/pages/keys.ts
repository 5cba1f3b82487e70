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
  for (const other of document.querySelectorAll<HTMLElement>("[data-row].is-current")) {
    other.classList.remove("is-current");
    other.tabIndex = -1;
  }
  row.classList.add("is-current");
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function open(row: HTMLElement): void {
  (row.matches("a") ? row : (row.querySelector<HTMLElement>("[data-row-link]") ?? row.querySelector<HTMLElement>("a[href]")))?.click();
}

/** The element a letter stands for: the one in the current row first, then the page's. */
function actFor(letter: string): HTMLElement | null {
  const selector = `[data-key="${CSS.escape(letter)}"]${letter === "e" ? ",[data-row-edit]" : ""}`;
  const here = document.querySelector<HTMLElement>("[data-row].is-current");
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
  for (const element of document.querySelectorAll<HTMLElement>("[data-key], [data-row-edit]")) {
    const keys = element.dataset["key"] ?? "e";
    const says = element.dataset["keySays"] ?? element.textContent?.trim() ?? "";
    if (seen.has(keys) || says === "") continue;
    seen.add(keys);
    list.push({ keys, says });
  }
  if (document.querySelector("collab-editor")) {
    list.push({ keys: "/", says: "In the text: put something in" }, { keys: "@", says: "In the text: mention people and events" }, { keys: "Alt F10", says: "Formatting" }, { keys: "Ctrl Z", says: "Undo what you did" });
  }
  list.push({ keys: "Ctrl K", says: "Find or do" });
  for (const [keys, { says }] of Object.entries(ROOMS)) list.push({ keys, says });
  list.push({ keys: "?", says: "These keys" }, { keys: "Esc", says: "Close" });
  return list;
}

/** Opens <dialog data-keys>; the server lists the keys every page has, this fills in the page's own. */
export function showKeys(): void {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys]");
  const list = dialog?.querySelector("dl");
  if (!dialog || !list) return;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  list.replaceChildren(
    ...pageKeys().flatMap(({ keys, says }) => {
      const term = document.createElement("dt");
      for (const one of keys.split(" ")) {
        const cap = document.createElement("kbd");
        cap.textContent = mac && one === "Ctrl" ? "⌘" : one;
        term.append(cap, " ");
      }
      const meaning = document.createElement("dd");
      meaning.textContent = says;
      return [term, meaning];
    }),
  );
  if (document.documentElement.dataset["keys"] === "off" && !dialog.querySelector("[data-keys-note]")) {
    const note = document.createElement("p");
    note.dataset["keysNote"] = "";
    note.className = "quiet small";
    note.textContent = "Single keys are switched off in your settings.";
    list.after(note);
  }
  if (!dialog.open) dialog.showModal();
}

export function listenForKeys(): void {
  const chords = new ChordReader();
  for (const [index, row] of rows().entries()) if (!row.matches("a")) row.tabIndex = index === 0 ? 0 : -1;
  document.addEventListener("focusin", ({ target }) => {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-row]") : null;
    for (const other of document.querySelectorAll("[data-row].is-current")) if (other !== row) other.classList.remove("is-current");
    row?.classList.add("is-current");
  });
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || inField(event.target) || document.querySelector("dialog[open]")) return;
    const chord = chords.read(event, event.timeStamp);
    if (chord === null || document.documentElement.dataset["keys"] === "off") return;
    const room = ROOMS[chord];
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("is-current"));
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
