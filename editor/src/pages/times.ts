// <time data-show> in the reader's own zone, unless the server already wrote the zone the person chose.
import { isTimeShape, showTime, utcTitle } from "../time.ts";

/**
 * Tells the server this browser's zone, so that from the next page on pictures, fields and lists agree.
 * A zone that the person chose in the settings stands above it.
 */
export function tellZone(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.split("; ").includes(`zone=${zone}`)) return;
  document.cookie = `zone=${zone}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

export function showTimes(root: ParentNode): void {
  const chosen = document.documentElement.dataset["zone"];
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-show]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    if (!element.title) element.title = utcTitle(at);
    const shape = element.dataset["show"];
    if (chosen !== undefined || !isTimeShape(shape)) continue;
    const text = showTime(at, shape);
    // Text that is set anew is laid out anew, the same or not.
    if (element.textContent !== text) element.textContent = text;
  }
}
