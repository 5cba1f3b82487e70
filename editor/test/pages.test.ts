import assert from "node:assert/strict";
import { test } from "node:test";
import { shownLevel } from "../src/schema/heading.ts";
import { ChordReader, CHORD_MS, step } from "../src/pages/chords.ts";
import { findCommands } from "../src/pages/commands.ts";
import { stepTo } from "../src/pages/overview.ts";
import { bytesInWords } from "../src/pages/upload.ts";
import { showTime, utcTitle } from "../src/time.ts";

const press = (key: string, held: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("keys are read alone and as chords", () => {
  const reader = new ChordReader();
  assert.equal(reader.read(press("j"), 0), "j");
  assert.equal(reader.read(press("g"), 10), null);
  assert.equal(reader.read(press("i"), 20), "g i");
  assert.equal(reader.read(press("i"), 30), "i");
  assert.equal(reader.read(press("g"), 100), null);
  assert.equal(reader.read(press("l"), 101 + CHORD_MS), "l", "too late for a chord");
  assert.equal(reader.read(press("g"), 3000), null);
  assert.equal(reader.read(press("k", { ctrlKey: true }), 3001), null, "the browser's own key");
  assert.equal(reader.read(press("i"), 3002), "i", "a modifier ends the chord");
  assert.equal(reader.read(press("ArrowDown"), 3003), null);
  assert.equal(reader.read(press("Enter"), 3004), "Enter");
  assert.equal(reader.read(press("?"), 3005), "?");
});

test("steps stop at both ends", () => {
  const cases: [number, 1 | -1, number, number][] = [[-1, 1, 3, 0], [-1, -1, 3, 2], [0, 1, 3, 1], [2, 1, 3, 2], [0, -1, 3, 0], [0, 1, 0, -1]];
  for (const [at, by, count, expected] of cases) assert.equal(step(at, by, count), expected);
});

test("commands are found by the beginnings of their words", () => {
  const all = [{ says: "Record an incident", also: "new" }, { says: "Edit INC-12", also: "write" }, { says: "Ask for review", also: "" }, { says: "New account", also: "" }];
  const found = (query: string) => findCommands(all, query).map(({ says }) => says);
  assert.equal(found("").length, 4);
  assert.deepEqual(found("new"), ["New account", "Record an incident"]);
  assert.deepEqual(found("inc 12"), ["Edit INC-12"]);
  assert.deepEqual(found("rev ask"), ["Ask for review"]);
  assert.deepEqual(found("cident"), []);
});

test("instants are written in the chosen zone and quoted in UTC", () => {
  const at = new Date("2026-11-14T23:31:07Z");
  assert.equal(showTime(at, "time", "Europe/Berlin"), "00:31");
  assert.equal(showTime(at, "date", "Europe/Berlin"), "15 Nov 2026");
  assert.equal(showTime(at, "datetime", "America/New_York"), "14 Nov 2026, 18:31");
  assert.equal(showTime(at, "day", "UTC"), "Sat 14");
  assert.equal(showTime(at, "time", "Nowhere/At_All"), "23:31");
  assert.equal(utcTitle(at), "2026-11-14 23:31:07 UTC");
});

test("sizes are said as people say them", () => {
  const cases: [number, string][] = [[0, "0 bytes"], [999, "999 bytes"], [1500, "1.5 KB"], [640_000, "640 KB"], [2_000_000, "2 MB"], [1_234_000_000, "1.2 GB"]];
  for (const [bytes, words] of cases) assert.equal(bytesInWords(bytes), words);
});

test("headings show as level 2 to 4, whatever is stored", () => {
  const cases: [unknown, number][] = [[2, 2], ["3", 3], [4, 4], [1, 2], [6, 4], ["x", 2], [null, 2], [undefined, 2]];
  for (const [stored, level] of cases) assert.equal(shownLevel(stored), level);
});

test("arrows go through the marks of a picture by time and by lane", () => {
  const mark = (name: string, from: number, y: number) => ({ name, from, x: from, y });
  const marks = [mark("a", 1, 10), mark("c", 30, 10), mark("b", 12, 34), mark("d", 40, 34), mark("e", 14, 58)];
  const leads = (from: string | undefined, key: string) => stepTo(marks, marks.find((one) => one.name === from), key)?.name;
  assert.equal(leads(undefined, "ArrowRight"), "a");
  assert.deepEqual(["a", "b", "e", "c"].map((from) => leads(from, "ArrowRight")), ["b", "e", "c", "d"]);
  assert.deepEqual([leads("c", "ArrowLeft"), leads("a", "ArrowLeft"), leads("d", "ArrowRight")], ["e", undefined, undefined]);
  assert.deepEqual([leads("c", "ArrowDown"), leads("b", "ArrowUp"), leads("b", "ArrowDown"), leads("e", "ArrowDown")], ["d", "a", "e", undefined]);
  assert.deepEqual([leads("c", "Home"), leads("c", "End")], ["a", "d"]);
});
