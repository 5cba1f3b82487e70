import assert from "node:assert/strict";
import { test } from "node:test";
import { type Mark, type Placed, within } from "../src/aid/finding.ts";

const placed = (from: number, rule: string, strength: Mark["strength"], once = false): Placed => ({
  from,
  to: from + 3,
  mark: { piece: 0, start: 0, end: 3, rule, strength, question: "", why: "", source: "", steps: [], sentence: "", once, beside: false },
});
const shown = (of: Placed[], most: number | null) => within(of, most).map(({ from }) => from);

test("a rule that speaks once in a document is shown once", () => {
  const all = [placed(1, "RC-1", "note", true), placed(9, "OM-1", "question"), placed(20, "RC-1", "note", true), placed(30, "OM-1", "question")];
  assert.deepEqual(shown(all, null), [1, 9, 30]);
});

test("what is named in the list has no mark", () => {
  const beside = placed(9, "HE-1", "strong");
  beside.mark.beside = true;
  assert.deepEqual(shown([placed(1, "CF-4", "note"), beside, placed(20, "OM-1", "question")], 2), [1, 20]);
});

test("of too many the stronger ones stay, in the order of the text", () => {
  const all = [placed(1, "CF-4", "note"), placed(9, "OM-1", "question"), placed(20, "HE-1", "strong"), placed(30, "CF-1", "question")];
  assert.deepEqual(shown(all, 2), [9, 20]);
  assert.deepEqual(shown(all, 9), [1, 9, 20, 30]);
  assert.deepEqual(shown(all, 0), []);
});
