import assert from "node:assert/strict";
import { test } from "node:test";
import { sentenceAround } from "../src/collab/leaving.ts";

test("a sentence is found around the words that were marked", () => {
  const text = "The gate was shut. Bob was careless (again!) at v2.1 of it. He said so.";
  const around = (words: string) => {
    const from = text.indexOf(words);
    const { from: start, to: end } = sentenceAround(text, from, from + words.length);
    return text.slice(start, end);
  };
  assert.equal(around("careless"), "Bob was careless (again!) at v2.1 of it.");
  assert.equal(around("gate"), "The gate was shut.");
  assert.equal(around("said"), "He said so.");
  assert.equal(around("shut. Bob"), "The gate was shut. Bob was careless (again!) at v2.1 of it.");
  assert.deepEqual(sentenceAround("no end here", 3, 6), { from: 0, to: 11 });
});
