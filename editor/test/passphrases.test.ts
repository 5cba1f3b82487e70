import assert from "node:assert/strict";
import { test } from "node:test";
import { MIN, judge } from "../src/pages/passphrases.ts";

test("a new passphrase is judged as it grows", () => {
  const cases: [string, number, RegExp][] = [
    ["short", 0, /^7 more characters$/],
    ["elevenchars", 0, /^One more character$/],
    ["aaaaaaaaaaaa", 1, /repeats/],
    ["lanternlantern", 1, /repeats/],
    ["lantern 2026", 1, /another word/],
    ["eleven lanterns", 1, /another word/],
    ["eleven lanterns 2026", 2, /one more word/],
    ["eleven wet lanterns", 3, /^Good$/],
    ["eleven wet lanterns by the harbour", 4, /^Very good$/],
    ["тихий фонарь на мосту вечером", 4, /^Very good$/],
    ["lantern lantern lantern", 1, /repeats|another word/],
  ];
  for (const [text, strength, words] of cases) {
    const judged = judge(text);
    assert.equal(judged?.strength, strength, `${text}: ${judged?.words}`);
    assert.match(judged?.words ?? "", words, text);
  }
  assert.equal(judge(""), null);
  assert.equal(MIN, 12);
});

test("more words never make it weaker", () => {
  let before = 0;
  let text = "";
  for (const word of ["heron", "bridge", "seven", "orchard", "tin", "velvet"]) {
    text = `${text} ${word}`.trim();
    const now = judge(text)?.strength ?? 0;
    assert.ok(now >= before, text);
    before = now;
  }
});
