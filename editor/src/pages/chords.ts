// Which key, pressed after which, means what. No DOM in here.

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** How long a first key ("g") waits for its second, in milliseconds. */
export const CHORD_MS = 1_200;

/**
 * Reads presses one after another. `g` begins a chord; anything else stands alone.
 * A key with a modifier never counts, so that the browser's own keys keep working.
 */
export class ChordReader {
  private first: { key: string; at: number } | null = null;

  /** @param now milliseconds on any clock that only goes forward; returns "j", "g i", … or null */
  read(press: Press, now: number): string | null {
    if (press.ctrlKey || press.metaKey || press.altKey || press.key.length !== 1 && press.key !== "Enter") {
      this.first = null;
      return null;
    }
    const before = this.first;
    this.first = null;
    if (before && now - before.at <= CHORD_MS) return `${before.key} ${press.key}`;
    if (press.key === "g") {
      this.first = { key: press.key, at: now };
      return null;
    }
    return press.key;
  }
}

/** Where a step leads in a list of rows; -1 is "nowhere yet". */
export function step(at: number, by: 1 | -1, count: number): number {
  if (count === 0) return -1;
  if (at === -1) return by === 1 ? 0 : count - 1;
  return Math.min(count - 1, Math.max(0, at + by));
}
