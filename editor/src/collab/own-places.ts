// Which paragraphs somebody wrote in this browser, so that questions about them come back when the page is opened again.
// Kept here alone, by person and document: places of the Yjs document, which move with the text, and no words. No server knows.
import * as Y from "yjs";

/** The longest ago written go first. */
const MOST = 400;

/** Under which name a person's places in a document are kept; null if it is not known whose they are. */
export function nameOf(doc: string, person: string): string | null {
  return doc === "" || person === "" ? null : `debrief-own/${doc}/${person}`;
}

/** The places that are kept; nothing for anything that is not ours. */
export function ownPlaces(storage: Storage, name: string | null): Y.RelativePosition[] {
  if (name === null) return [];
  try {
    const value: unknown = JSON.parse(storage.getItem(name) ?? "[]");
    return Array.isArray(value) ? value.slice(-MOST).map((place) => Y.createRelativePositionFromJSON(place)) : [];
  } catch {
    return [];
  }
}

/** Keeps places instead of those that were kept before. */
export function keepOwnPlaces(storage: Storage, name: string | null, places: readonly Y.RelativePosition[]): void {
  if (name === null) return;
  try {
    storage.setItem(name, JSON.stringify(places.slice(-MOST).map((place) => Y.relativePositionToJSON(place))));
  } catch {
    // A full or forbidden storage: the marks come back with the next change of a paragraph.
  }
}
