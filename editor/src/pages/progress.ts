// The page of an import asks every half second how far it is: <section data-ask="address">. Without this the page
// comes again by itself every other second.
import { readMarkup } from "./markup.ts";

const PAUSE_MS = 500;

export function followProgress(): void {
  const asking = document.querySelector<HTMLElement>("[data-ask]");
  if (asking) setTimeout(() => void ask(asking), PAUSE_MS);
}

async function ask(asking: HTMLElement): Promise<void> {
  try {
    const answer = await fetch(asking.dataset["ask"] ?? "", { headers: { accept: "text/html", "hx-request": "true" }, credentials: "same-origin", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    const next = readMarkup(await answer.text(), answer.url).getElementById(asking.id);
    if (next) asking.replaceWith(next);
    document.dispatchEvent(new Event("debrief:inserted"));
  } catch {
    // The connection may come back; the work goes on in any case.
  }
  followProgress();
}
