// The picture of a timeline by keyboard: arrows go from mark to mark, Enter leads to the event, + looks closer at it.
// A press on "In the picture" leads back from an event to its mark.

interface Mark {
  link: SVGAElement;
  /** Seconds since 1970. */
  from: number;
  to: number;
  x: number;
  y: number;
}

const drawn = (region: HTMLElement) => [...region.querySelectorAll<SVGSVGElement>("svg.overview")].find((svg) => svg.getClientRects().length > 0);

function marksOf(region: HTMLElement): Mark[] {
  const links = drawn(region)?.querySelectorAll<SVGAElement>("a[data-at]") ?? [];
  return [...links].map((link) => {
    const [from = 0, to = 0] = (link.dataset["at"] ?? "").split(" ").map(Number);
    const box = link.getBBox();
    return { link, from, to, x: box.x + box.width / 2, y: box.y + box.height / 2 };
  });
}

/** The mark that a key leads to from `at` (none: from outside): left and right by time, up and down by lane. */
export function stepTo<M extends { from: number; x: number; y: number }>(marks: readonly M[], at: M | undefined, key: string): M | undefined {
  const inTime = [...marks].sort((a, b) => a.from - b.from || a.y - b.y);
  if (key === "Home") return inTime[0];
  if (key === "End") return inTime.at(-1);
  if (!at) return inTime[0];
  const place = inTime.indexOf(at);
  if (key === "ArrowRight") return inTime[place + 1];
  if (key === "ArrowLeft") return inTime[place - 1];
  const beyond = marks.filter((mark) => (key === "ArrowDown" ? mark.y > at.y + 1 : mark.y < at.y - 1));
  const next = key === "ArrowDown" ? Math.min(...beyond.map((mark) => mark.y)) : Math.max(...beyond.map((mark) => mark.y));
  const lane = beyond.filter((mark) => Math.abs(mark.y - next) <= 1);
  return lane.sort((a, b) => Math.abs(a.x - at.x) - Math.abs(b.x - at.x))[0];
}

function focus(mark: Mark | undefined): void {
  mark?.link.focus({ preventScroll: true });
  mark?.link.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Opens the fold that an event lies in, so that its address leads somewhere. */
function unfold(address: string): void {
  if (!address.startsWith("#e-")) return;
  const fold = document.getElementById(address.slice(1))?.closest(".fold")?.querySelector("details");
  if (fold) fold.open = true;
}

/** Where "+" leads from a mark: half as much of the time, with the mark in its middle. */
function closer(mark: Mark): string | null {
  const link = document.querySelector<HTMLAnchorElement>(".look a[data-key='+']");
  if (!link) return null;
  const address = new URL(link.href);
  const [from, to] = ["from", "to"].map((name) => Date.parse(address.searchParams.get(name) ?? ""));
  if (from === undefined || to === undefined || Number.isNaN(to - from)) return null;
  const middle = (mark.from + mark.to) * 500;
  // The link looks at the middle half already.
  const half = Math.max((to - from) / 2, ((mark.to - mark.from) * 1_000) / 1.6, 30_000);
  address.searchParams.set("from", new Date(middle - half).toISOString());
  address.searchParams.set("to", new Date(middle + half).toISOString());
  return address.href;
}

function listenTo(region: HTMLElement): void {
  const current = (marks: Mark[]) => marks.find((mark) => mark.link === document.activeElement);
  region.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const marks = marksOf(region);
    const at = current(marks);
    if (["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) {
      if (marks.length === 0) return;
      focus(stepTo(marks, at, event.key));
    } else if (event.key === "Escape" && at) {
      region.focus();
    } else if (event.key === "+" && at) {
      const to = closer(at);
      if (to) location.assign(to);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  region.addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("a") : null;
    unfold(link?.getAttribute("href") ?? "");
  });
}

export function listenForOverview(): void {
  for (const region of document.querySelectorAll<HTMLElement>("[data-overview]")) listenTo(region);
  addEventListener("hashchange", () => unfold(location.hash));
  if (location.hash.startsWith("#e-")) {
    unfold(location.hash);
    document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }
  document.addEventListener("click", (event) => {
    const back = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-mark]") : null;
    const region = document.querySelector<HTMLElement>("[data-overview]");
    const time = back?.closest("[data-row]")?.querySelector("time");
    if (!back || !region || !time) return;
    const at = Date.parse(time.dateTime) / 1_000;
    const id = back.closest("[data-row]")?.id ?? "";
    const marks = marksOf(region).filter((mark) => at >= mark.from && at <= mark.to);
    const mark = marks.find((one) => one.link.getAttribute("href")?.endsWith(id)) ?? marks.sort((a, b) => a.to - a.from - (b.to - b.from))[0];
    // What lies outside the part that is drawn is asked for from the server.
    if (!mark) return;
    event.preventDefault();
    focus(mark);
  });
}
