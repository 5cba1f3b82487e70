import assert from "node:assert/strict";
import { test } from "node:test";
import { matchTrigger } from "../src/menus/match-trigger.ts";

test("a trigger counts at the start of a word only", () => {
  const cases: [string, string | null][] = [
    ["/", "/"], ["/ta", "/ta"], ["text /ta", "/ta"], ["@", "@"], ["said @mir", "@mir"], ["(@mir", "@mir"], ["\ufffc@mir", "@mir"],
    ["@mireille aub", "@mireille aub"], ["@alert refusals above", "@alert refusals above"],
    ["and/or", null], ["me@example.org", null], ["https://x", null], ["/ x", null], ["@ x", null], ["@one two three four", null], ["@mir  ", null], ["plain", null], ["", null],
  ];
  for (const [before, expected] of cases) {
    const found = matchTrigger(before);
    assert.equal(found && found.char + found.query, expected, JSON.stringify(before));
    if (found) assert.equal(found.length, expected?.length);
  }
});
