// Instants as people read them. Times are 24-hour and carry no zone in the text: the page's zone is
// said once, and the exact UTC instant is in the title.

export type TimeShape = "time" | "date" | "datetime" | "day";

const SHAPES: Record<TimeShape, Intl.DateTimeFormatOptions> = {
  time: { hour: "2-digit", minute: "2-digit" },
  date: { day: "numeric", month: "short", year: "numeric" },
  datetime: { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  day: { weekday: "short", day: "numeric" },
};

export function isTimeShape(value: unknown): value is TimeShape {
  return typeof value === "string" && Object.hasOwn(SHAPES, value);
}

/** Making one takes a hundred times as long as using it, and a page has hundreds of instants. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(shape: TimeShape, zone: string | undefined): Intl.DateTimeFormat {
  const key = `${shape} ${zone ?? ""}`;
  let known = formats.get(key);
  if (!known) {
    const options: Intl.DateTimeFormatOptions = { ...SHAPES[shape], hourCycle: "h23" };
    known = new Intl.DateTimeFormat("en-GB", zone === undefined ? options : { ...options, timeZone: zone });
    formats.set(key, known);
  }
  return known;
}

/** An instant in a zone ("Europe/Berlin"; undefined is the reader's own). An unknown zone falls back to UTC. */
export function showTime(at: Date, shape: TimeShape, zone?: string): string {
  try {
    return format(shape, zone).format(at);
  } catch {
    return format(shape, "UTC").format(at);
  }
}

/** The instant in UTC, as one quotes it: "2026-02-14 06:31:07 UTC". */
export function utcTitle(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
