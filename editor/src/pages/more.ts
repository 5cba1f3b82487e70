// The next part of a long list comes as somebody scrolls towards it; without this the button leads to its page.
import { readMarkup } from "./markup.ts";

import { showTimes } from "./times.ts";

/**
 * So many events go into the list in each frame. Styling them takes a millisecond for two, laying the list out again some
 * milliseconds however few they are, and frames have other work.
 */
const TOGETHER = 8;

export function listenForMore(): void {
  const list = document.querySelector<HTMLElement>(".events[data-rows]");
  if (!list || !("IntersectionObserver" in window)) return;
  const watch = new IntersectionObserver(
    (seen) => {
      const link = seen.find((one) => one.isIntersecting)?.target.querySelector<HTMLAnchorElement>("[data-more]");
      if (link) void bring(link);
    },
    { rootMargin: "4000px 0px" },
  );
  const follow = () => {
    const part = document.querySelector("[data-more]")?.parentElement;
    if (part) watch.observe(part);
  };
  async function bring(link: HTMLAnchorElement): Promise<void> {
    const part = link.parentElement;
    if (!part || part.dataset["busy"] !== undefined) return;
    part.dataset["busy"] = "";
    watch.unobserve(part);
    const address = new URL(link.href);
    address.hash = "";
    address.searchParams.set("only", "list");
    try {
      const answer = await fetch(address, { headers: { accept: "text/html" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = readMarkup(await answer.text(), answer.url);
      const rows = page.querySelectorAll<HTMLElement>("[data-row]");
      for (const row of rows) row.tabIndex = -1;
      const events = [...(page.querySelector(".events")?.children ?? [])];
      for (let n = 0; n < events.length; n += TOGETHER) {
        const some = document.createDocumentFragment();
        some.append(...events.slice(n, n + TOGETHER));
        showTimes(some);
        await new Promise(requestAnimationFrame);
        list?.append(some);
      }
      const next = page.querySelector("[data-more]")?.parentElement;
      if (next) part.replaceWith(next);
      else part.remove();
      follow();
    } catch {
      // The button still leads there.
      delete part.dataset["busy"];
    }
  }
  follow();
}
