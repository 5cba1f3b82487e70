// Which text before the cursor opens a list. No DOM in here.

/**
 * The trigger that ends at the cursor, if the text before it holds one. A query may be three words;
 * a trigger counts only at the start of a word, so that "and/or" and "me@example.org" stay text.
 */
export function matchTrigger(before: string): { char: "/" | "@"; query: string; length: number } | null {
  const found = /(?:^|[\s(\ufffc])(([/@])((?!\s)[^/@\n\ufffc]{0,40}))$/u.exec(before);
  if (!found) return null;
  const [, whole = "", char, query = ""] = found;
  if (query.split(/\s+/).length > 3 || /\s\s$/.test(query)) return null;
  return { char: char as "/" | "@", query, length: whole.length };
}
