import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer, Mark, Placed } from "../src/aid/finding.ts";
import { named, sentenceFor } from "../src/aid/note.ts";
import { type Question, Reader, type Source } from "../src/aid/reader.ts";
import { cut, incidentOf, keptAt, leaving, mayBeSaved, moved, surfaceOf } from "../src/aid/stretches.ts";

const mark = (piece: number, rule = "OM-1"): Mark => ({ piece, start: 0, end: 1, rule, strength: "question", question: "", why: "", source: "", steps: [], sentence: "", once: false, beside: false });
const at = (from: number, to: number): Placed => ({ mark: mark(0), from, to });
const places = (placed: Placed[]) => placed.map(({ from, to }) => [from, to]);

test("marks move with their words, and go where the words were changed", () => {
  const cases: [string, string, [number, number][]][] = [
    // The mark stands under “failed” in “It failed twice”.
    ["It failed twice", "It failed twice.", [[3, 9]]],
    ["It failed twice", "So it failed twice", [[6, 12]]],
    ["It failed twice", "It  failed twice", [[4, 10]]],
    ["It failed twice", "It faoled twice", []],
    ["It failed twice", "", []],
    ["It failed twice", "It failed", [[3, 9]]],
    ["It failed twice", "failed twice", [[0, 6]]],
    ["It failed twice", "It failed twice", [[3, 9]]],
    ["It failed twice", "It fail twice", []],
    ["It failed twice", "🦀 It failed twice", [[6, 12]]],
  ];
  for (const [before, after, expected] of cases) {
    // Words that come before “So”, in another case, are another text from their first letter on.
    const found = moved([at(3, 9)], before, after);
    assert.deepEqual(places(found), expected, after);
    for (const { from, to } of found) assert.equal(after.slice(from, to), "failed");
  }
});

test("a text is cut at its marks, and is whole again when put together", () => {
  const text = "It was human error, and they failed.";
  for (const placed of [[], [at(7, 18)], [at(29, 35), at(7, 18)], [at(7, 18), at(10, 20)], [at(0, text.length)], [at(30, 90)], [at(5, 5)]]) {
    const cuts = cut(text, placed);
    assert.equal(cuts.map(({ words }) => words).join(""), text);
    assert.ok(cuts.every(({ words }) => words !== ""));
  }
  assert.deepEqual(cut(text, [at(7, 18)]).map(({ words, of }) => [words, of !== null]), [["It was ", false], ["human error", true], [", and they failed.", false]]);
  assert.deepEqual(cut("", [at(0, 4)]), []);
});

test("a form says which incident it is about", () => {
  assert.equal(incidentOf("/incidents/INC-12/events", null), "INC-12");
  assert.equal(incidentOf("/incidents/INC-12", null), "INC-12");
  assert.equal(incidentOf("/postmortems/INC-3/title", null), "INC-3");
  assert.equal(incidentOf("/incidents", null), null);
  assert.equal(incidentOf("/follow-ups/0198-1/drop", null), null);
  assert.equal(incidentOf("/follow-ups/0198-1/drop", "INC-4"), "INC-4");
});

test("a form says where its words are kept, so that they can leave from there", () => {
  const id = "01980000-0000-7000-8000-000000000001";
  const kept = (surface: string, subject = "") => ({ surface, subject });
  const cases: [string, ReturnType<typeof kept> | null, boolean][] = [
    ["/incidents/INC-12", kept("incident"), true],
    ["/incidents/INC-12/events", kept("event"), false],
    [`/incidents/INC-12/events/${id}`, kept("event", id), true],
    [`/incidents/INC-12/events/${id}/settlement`, kept("event", id), true],
    ["/incidents/INC-12/follow-ups", kept("idea"), false],
    [`/follow-ups/${id}/drop`, kept("idea", id), true],
    ["/postmortems/INC-12/title", kept("headline"), true],
    ["/incidents/INC-12/instants", kept("notes"), true],
    ["/incidents/INC-12/intervals", kept("notes"), true],
    [`/incidents/INC-12/intervals/${id}`, kept("notes"), true],
    ["/incidents/INC-12/coordination", kept("notes"), true],
    ["/incidents/INC-12/accounts", null, false],
    [`/incidents/INC-12/accounts/${id}`, null, false],
    ["/incidents", null, false],
    ["/postmortems/INC-12/versions", null, false],
    ["/settings", null, false],
  ];
  for (const [action, expected, saved] of cases) {
    const found = keptAt(action);
    assert.deepEqual(found, expected, action);
    if (found) assert.equal(mayBeSaved(found), saved, action);
  }
});

test("a sentence leaves a text that reads on", () => {
  const cases: [string, string, string][] = [
    ["One. Bob was late. Two.", "Bob was late.", "One. Two."],
    ["Bob was late. Two.", "Bob was late.", "Two."],
    ["One. Bob was late.", "Bob was late.", "One."],
    ["Bob was late.", "Bob was late.", ""],
    ["One.\nBob was late.\nTwo.", "Bob was late.", "One.\nTwo."],
    ["(Bob was late.) Two.", "Bob was late.", "() Two."],
  ];
  for (const [text, words, left] of cases) {
    const at = text.indexOf(words);
    const { from, to } = leaving(text, at, at + words.length);
    assert.equal(text.slice(0, from) + text.slice(to), left);
  }
});

test("an update for readers outside is read as they read it", () => {
  assert.equal(surfaceOf("timeline", "update", "Customers of the harbour"), "public");
  assert.equal(surfaceOf("timeline", "update", "management"), "timeline");
  assert.equal(surfaceOf("timeline", "observation", "customers"), "timeline");
  assert.equal(surfaceOf("idea", "update", "public"), "idea");
});

test("what a note and a screen reader say is short", () => {
  assert.equal(sentenceFor(1), "One question about these words, below the field.");
  assert.equal(sentenceFor(3), "3 questions about these words, below the field.");
  assert.equal(named(" human\n  error "), "human error");
  assert.equal(named("a".repeat(90)).length, 40);
});

/** A reader of fields whose pause ends and whose answers come when the test says so. */
function desk() {
  const sent: { question: Question; answer(marks: Mark[] | null): Promise<void> }[] = [];
  const told: [string, string[]][] = [];
  let pause: (() => void) | null = null;
  const reader = new Reader<Source>({
    later(run) {
      pause = run;
      return () => (pause = null);
    },
    send: (question) =>
      new Promise((come, fail) => {
        sent.push({
          question,
          async answer(marks) {
            if (marks) come({ marks, most: null, channel: "", asks: false } satisfies Answer);
            else fail(new Error("the line is cut"));
            // What waits for the answer has run when this comes back.
            await new Promise((go) => setTimeout(go, 0));
          },
        });
      }),
    told: (source, marks) => void told.push([source.text, marks.map(({ rule }) => rule)]),
  });
  const rest = () => {
    const run = pause;
    pause = null;
    run?.();
    return run !== null;
  };
  return { reader, sent, told, rest };
}
const field = (text: string, incident: string | null = "INC-1"): Source & { text: string; surface: string; composing: boolean } => ({ text, surface: "timeline", incident, composing: false });

test("a field is read once somebody rests, with all that waits about the same incident", async () => {
  const { reader, sent, told, rest } = desk();
  const [one, two, other] = [field("One."), field("Two."), field("Three.", null)];
  for (const source of [one, one, two, other]) reader.changed(source);
  assert.equal(sent.length, 0, "not while somebody types");
  assert.ok(rest());
  assert.deepEqual(sent.map(({ question }) => question), [{ incident: "INC-1", fields: [{ text: "One.", surface: "timeline" }, { text: "Two.", surface: "timeline" }] }]);
  await sent[0]?.answer([mark(1, "HE-1")]);
  assert.deepEqual(told, [["One.", []], ["Two.", ["HE-1"]]]);
  assert.ok(rest(), "what is about something else comes next");
  assert.equal(sent[1]?.question.incident, null);
  await sent[1]?.answer([]);
  assert.equal(rest(), false, "and then nothing waits");
});

test("an answer about words that are no longer there is dropped", async () => {
  const { reader, sent, told, rest } = desk();
  const one = field("They failed to");
  reader.changed(one);
  rest();
  one.text = "They failed to call.";
  reader.changed(one);
  rest();
  assert.equal(sent.length, 1, "one question at a time");
  await sent[0]?.answer([mark(0, "OLD")]);
  assert.deepEqual(told, []);
  rest();
  assert.equal(sent[1]?.question.fields[0]?.text, "They failed to call.");
  await sent[1]?.answer([mark(0, "NEW")]);
  assert.deepEqual(told, [["They failed to call.", ["NEW"]]]);
});

test("words that are still composed are not read, and others meanwhile are", async () => {
  const { reader, sent, rest } = desk();
  const [one, two] = [field("かん"), field("Two.")];
  reader.changed(one);
  one.composing = true;
  assert.ok(rest());
  assert.equal(sent.length, 0);
  reader.changed(two);
  rest();
  assert.deepEqual(sent.map(({ question }) => question.fields.map(({ text }) => text)), [["Two."]]);
  await sent[0]?.answer([]);
  assert.equal(rest(), false, "nothing is asked again and again meanwhile");
  one.composing = false;
  one.text = "漢字";
  reader.changed(one);
  rest();
  assert.deepEqual(sent[1]?.question.fields.map(({ text }) => text), ["漢字"]);
  await sent[1]?.answer([]);
});

test("a field that became empty asks nobody, and a cut line costs only the marks", async () => {
  const { reader, sent, told, rest } = desk();
  const one = field("  ");
  reader.changed(one);
  rest();
  assert.equal(sent.length, 0);
  assert.deepEqual(told, [["  ", []]]);
  one.text = "They failed to call.";
  reader.changed(one);
  rest();
  await sent[0]?.answer(null);
  assert.equal(told.length, 1, "nothing is said");
  reader.changed(one);
  assert.ok(rest());
  await sent[1]?.answer([mark(0)]);
  assert.deepEqual(told[1], ["They failed to call.", ["OM-1"]]);
});
