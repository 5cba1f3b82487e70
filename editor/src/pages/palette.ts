// Find or do: <dialog data-palette> with a field and a list. The server finds, the page offers its own acts.
import { type Command, findCommands } from "./commands.ts";
import { readMarkup } from "./markup.ts";

interface Act extends Command {
  run(): void;
}

let asked: AbortController | null = null;
let before: HTMLElement | null = null;

function parts() {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[data-palette]");
  const input = dialog?.querySelector<HTMLInputElement>("[data-palette-input]");
  const list = dialog?.querySelector<HTMLElement>("[data-palette-list]");
  return dialog && input && list ? { dialog, input, list } : null;
}

/** The acts of this page: links and buttons that carry `data-command`. */
function pageActs(): Act[] {
  const seen = new Set<string>();
  const acts: Act[] = [];
  for (const element of document.querySelectorAll<HTMLElement>("[data-command]")) {
    const says = element.dataset["command"] || element.textContent?.trim() || "";
    if (says === "" || seen.has(says) || element.closest("[hidden]")) continue;
    seen.add(says);
    acts.push({ says, also: element.dataset["commandAlso"] ?? "", run: () => element.click() });
  }
  return acts;
}

/** An option in the shape the server's have: what it is, its words. */
function row(says: string, href: string | null, run: (() => void) | null, kind: string): HTMLElement {
  const item = document.createElement("div");
  item.setAttribute("role", "option");
  if (href !== null) item.dataset["href"] = href;
  if (run) item.addEventListener("palette:choose", run);
  const key = document.createElement("span");
  key.className = "what-for";
  key.textContent = kind;
  const label = document.createElement("span");
  label.textContent = says;
  item.append(key, label);
  return item;
}

function options(list: HTMLElement): HTMLElement[] {
  return [...list.querySelectorAll<HTMLElement>("[role=option]")];
}

function mark(input: HTMLInputElement, list: HTMLElement, at: number): void {
  options(list).forEach((option, index) => {
    option.id = `palette-${index}`;
    option.setAttribute("aria-selected", String(index === at));
    if (index === at) option.scrollIntoView({ block: "nearest" });
  });
  if (at >= 0 && options(list).length > 0) input.setAttribute("aria-activedescendant", `palette-${at}`);
  else input.removeAttribute("aria-activedescendant");
}

function choose(option: HTMLElement | undefined): void {
  const found = parts();
  if (!option || !found) return;
  const href = option.dataset["href"] ?? option.getAttribute("href");
  before = null;
  found.dialog.close();
  if (href) location.assign(href);
  else option.dispatchEvent(new CustomEvent("palette:choose"));
}

async function fill(): Promise<void> {
  const found = parts();
  if (!found) return;
  const { input, list } = found;
  const query = input.value.trim();
  asked?.abort();
  const mine = (asked = new AbortController());
  const acts = findCommands(pageActs(), query).map((act) => row(act.says, null, act.run, "Do"));
  const show = (fromServer: Node[]) => {
    const everywhere = query === "" ? [] : [row(`Search incidents for “${query}”`, `/incidents?q=${encodeURIComponent(query)}`, null, "Find")];
    list.replaceChildren(...acts, ...fromServer, ...everywhere);
    mark(input, list, 0);
  };
  // The page's own acts are there at once; what the server finds joins them.
  if (list.childElementCount === 0) show([]);
  try {
    await new Promise((go) => setTimeout(go, query === "" ? 0 : 80));
    if (mine.signal.aborted) return;
    const answer = await fetch(`/palette?q=${encodeURIComponent(query)}`, { signal: mine.signal, headers: { accept: "text/html" }, credentials: "same-origin" });
    const body = readMarkup(answer.ok && !answer.redirected ? await answer.text() : "", answer.url);
    if (!mine.signal.aborted) show([...body.querySelectorAll("[role=option]")]);
  } catch {
    if (!mine.signal.aborted) show([]);
  }
}

export function openPalette(): boolean {
  const found = parts();
  if (!found) return false;
  if (found.dialog.open) {
    found.dialog.close();
    return true;
  }
  before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
  found.input.value = "";
  found.list.replaceChildren();
  found.dialog.showModal();
  found.input.focus();
  void fill();
  return true;
}

export function listenForPalette(): void {
  const found = parts();
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k" && openPalette()) event.preventDefault();
  });
  if (!found) return;
  const { dialog, input, list } = found;
  list.id ||= "palette-list";
  list.setAttribute("role", "listbox");
  if (!list.hasAttribute("aria-label")) list.setAttribute("aria-label", "What fits");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off" })) input.setAttribute(name, value);
  input.addEventListener("input", () => void fill());
  input.addEventListener("keydown", (event) => {
    const all = options(list);
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const by = event.key === "ArrowDown" ? 1 : -1;
      mark(input, list, (at + by + all.length) % Math.max(1, all.length));
    } else if (event.key === "Escape") {
      // A search field would only empty itself and stay open.
      event.preventDefault();
      dialog.close();
    } else if (event.key === "Enter" && !event.isComposing && all.length > 0) {
      event.preventDefault();
      choose(all[Math.max(0, at)]);
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target instanceof Element ? event.target.closest<HTMLElement>("[role=option]") : null;
    // A link opened in a new tab stays the browser's business.
    if (!option || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    choose(option);
  });
  // A press on the ground beside the dialog closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    asked?.abort();
    before?.focus();
  });
}
