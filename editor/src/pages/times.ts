// <time data-show> in the reader's own zone, unless the server already wrote the zone the person chose.
import { isTimeShape, showTime, utcTitle } from "../time.ts";

export function showTimes(root: ParentNode): void {
  const chosen = document.documentElement.dataset["zone"];
  for (const element of root.querySelectorAll<HTMLTimeElement>("time[data-show]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    if (!element.title) element.title = utcTitle(at);
    const shape = element.dataset["show"];
    if (chosen === undefined && isTimeShape(shape)) element.textContent = showTime(at, shape);
  }
}
