// Places of marks in a text that is being changed, as numbers: nothing here knows of a page.
import type { Placed } from "./finding.ts";

/**
 * Where marks stand after somebody changed the text from `before` to `after`. What the change touched is gone until the
 * server has read it; everything else keeps its words.
 */
export function moved<P extends Placed>(placed: P[], before: string, after: string): P[] {
  if (before === after) return placed;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (same < shorter - start && before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)) same++;
  const end = before.length - same;
  const by = after.length - before.length;
  return placed.flatMap((one) => {
    if (one.to <= start) return [one];
    return one.from >= end ? [{ ...one, from: one.from + by, to: one.to + by }] : [];
  });
}

/** The text cut at its marks, in order. Marks that overlap an earlier one are left out. */
export function cut<P extends Placed>(text: string, placed: P[]): { words: string; of: P | null }[] {
  const cuts: { words: string; of: P | null }[] = [];
  let at = 0;
  for (const one of [...placed].sort((a, b) => a.from - b.from)) {
    if (one.from < at || one.to > text.length || one.to <= one.from) continue;
    if (one.from > at) cuts.push({ words: text.slice(at, one.from), of: null });
    cuts.push({ words: text.slice(one.from, one.to), of: one });
    at = one.to;
  }
  if (at < text.length) cuts.push({ words: text.slice(at), of: null });
  return cuts;
}

/** The incident that a form is about, by the address it is sent to or, where that names none, by what it says itself. */
export function incidentOf(action: string, about: string | null): string | null {
  return about ?? /^\/(?:incidents|postmortems)\/([A-Z]+-\d+)(?:\/|$)/.exec(action)?.[1] ?? null;
}

/** Where the words of a form are kept, by the address it is sent to: the sort of place, and which event or idea if it is there already. */
export interface Kept {
  surface: "event" | "idea" | "incident" | "headline" | "notes";
  /** Empty for what is not there yet, and for places of which an incident has one. */
  subject: string;
}

/** Null for whatever cannot be taken out of: an account is its author's anyway. */
export function keptAt(action: string): Kept | null {
  const [, room, number, part, subject] = action.split("/");
  const of = (surface: Kept["surface"], which = ""): Kept => ({ surface, subject: /^[0-9a-f-]{36}$/.test(which) ? which : "" });
  if (room === "follow-ups") return of("idea", number);
  if (room === "postmortems") return part === "title" ? of("headline") : null;
  if (room !== "incidents" || number === undefined) return null;
  switch (part) {
    case undefined:
      return of("incident");
    case "events":
      return of("event", subject);
    case "follow-ups":
      return of("idea");
    case "instants":
    case "intervals":
    case "coordination":
      return of("notes");
    default:
      return null;
  }
}

/** Whether these words may be kept there already. */
export function mayBeSaved({ surface, subject }: Kept): boolean {
  return subject !== "" || (surface !== "event" && surface !== "idea");
}

/** The stretch to cut for a sentence to leave a text that reads on: with a blank that nothing needs any more. */
export function leaving(text: string, from: number, to: number): { from: number; to: number } {
  const blank = (at: number) => /\s/.test(text.charAt(at));
  if ((from === 0 || blank(from - 1)) && blank(to)) return { from, to: to + 1 };
  return to === text.length && from > 0 && blank(from - 1) ? { from: from - 1, to } : { from, to };
}

/** What was told to readers outside is read as they read it; everything else as the field says. */
export function surfaceOf(named: string, kind: string, audience: string): string {
  return named === "timeline" && kind === "update" && /public|customer/i.test(audience) ? "public" : named;
}
