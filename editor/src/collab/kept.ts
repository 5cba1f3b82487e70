// Words that never reached the disk when the document was begun anew: kept on this device until their writer says
// what becomes of them. Nothing is merged by itself, for the old text and the new one have no history in common and
// would double.
import * as Y from "yjs";

/** Words of one stretch of text: named by the first of them, so that the same words from two tabs are one. */
export interface Kept {
  key: string;
  words: string;
}

/** More than anybody types without a connection; storage is shared with everything else of this place. */
const MOST = 200_000;

/** What stands in the document and is not among `confirmed`, one entry for each stretch of text, in reading order. */
export function unsavedWords(doc: Y.Doc, confirmed: ReadonlyMap<number, number>): Kept[] {
  const found: Kept[] = [];
  const visit = (node: unknown): void => {
    if (node instanceof Y.XmlText) {
      const kept = unsavedIn(node, confirmed);
      if (kept) found.push(kept);
    } else if (node instanceof Y.XmlElement || node instanceof Y.XmlFragment) node.toArray().forEach(visit);
  };
  visit(doc.getXmlFragment("default"));
  return found;
}

function unsavedIn(text: Y.XmlText, confirmed: ReadonlyMap<number, number>): Kept | null {
  const runs: string[] = [];
  let key: string | null = null;
  let together = false;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !(item.content instanceof Y.ContentString)) continue;
    const { client, clock } = item.id;
    const saved = Math.max(0, Math.min(item.length, (confirmed.get(client) ?? 0) - clock));
    const words = item.content.str.slice(saved);
    if (words === "") {
      together = false;
      continue;
    }
    key ??= `${client}.${clock + saved}`;
    if (together && saved === 0) runs[runs.length - 1] += words;
    else runs.push(words);
    together = true;
  }
  // Between two runs stands what is saved; a gap says so.
  return key === null || runs.join("").trim() === "" ? null : { key, words: runs.join(" … ") };
}

/** Adds words to what is kept of a document; the same words again only replace themselves. */
export function keepWords(storage: Storage, doc: string, words: readonly Kept[]): void {
  if (words.length === 0) return;
  const all = new Map(keptWords(storage, doc).map((kept) => [kept.key, kept.words]));
  for (const { key, words: text } of words) if (text.length >= (all.get(key)?.length ?? 0)) all.set(key, text);
  let left = MOST;
  const kept = [...all].filter(([, text]) => (left -= text.length) >= 0).map(([key, text]) => ({ key, words: text }));
  try {
    storage.setItem(name(doc), JSON.stringify(kept));
  } catch {
    // A full or forbidden storage: the words are still on the screen that is about to go, and nowhere else.
  }
}

/** What is kept of a document; nothing for anything that is not ours. */
export function keptWords(storage: Storage, doc: string): Kept[] {
  try {
    const value: unknown = JSON.parse(storage.getItem(name(doc)) ?? "[]");
    if (!Array.isArray(value)) return [];
    return value.filter((kept): kept is Kept => typeof kept?.key === "string" && typeof kept.words === "string");
  } catch {
    return [];
  }
}

/** Takes what is kept, once: a second tab that asks finds nothing. */
export function takeWords(storage: Storage, doc: string): Kept[] {
  const kept = keptWords(storage, doc);
  storage.removeItem(name(doc));
  return kept;
}

/** The name under which another tab can see that something was kept or taken. */
export function name(doc: string): string {
  return `debrief-kept/${doc}`;
}
