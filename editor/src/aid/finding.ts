// What the server asks about a sentence, and how much of it is shown at once.

/** A sentence that is asked about, as the server tells it. Places are UTF-16 units of the paragraph or field. */
export interface Mark {
  piece: number;
  start: number;
  end: number;
  rule: string;
  strength: "note" | "question" | "strong";
  question: string;
  why: string;
  source: string;
  steps: string[];
  sentence: string;
  once: boolean;
  /** Its paragraph has enough open questions: it is named on their cards, and has no mark of its own. */
  beside: boolean;
}

export interface Answer {
  marks: Mark[];
  /** How many are shown in all; none: as many as there are. */
  most: number | null;
  /** Where matters about a person go; empty if nobody said. */
  channel: string;
  /** Whether a debrief or an account can be asked for. */
  asks: boolean;
}

/** A mark at its place in a text. */
export interface Placed {
  mark: Mark;
  from: number;
  to: number;
}

const RANK = { note: 0, question: 1, strong: 2 };

/** What is shown: a rule that speaks once, once; at most `most`, the stronger ones first. Given and answered in reading order. */
export function within<P extends Placed>(placed: P[], most: number | null): P[] {
  const seen = new Set<string>();
  const once = placed.filter(({ mark }) => {
    if (mark.beside) return false;
    if (!mark.once) return true;
    const first = !seen.has(mark.rule);
    seen.add(mark.rule);
    return first;
  });
  if (most === null || once.length <= most) return once;
  // Sorting keeps the order of equals, which is that of the text.
  const chosen = new Set([...once].sort((a, b) => RANK[b.mark.strength] - RANK[a.mark.strength]).slice(0, most));
  return once.filter((one) => chosen.has(one));
}
