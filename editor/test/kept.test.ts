import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { keepWords, keptWords, takeWords, unsavedWords } from "../src/collab/kept.ts";

class Shelf implements Storage {
  private readonly held = new Map<string, string>();
  get length(): number {
    return this.held.size;
  }
  key(): null {
    return null;
  }
  clear(): void {
    this.held.clear();
  }
  getItem(name: string): string | null {
    return this.held.get(name) ?? null;
  }
  setItem(name: string, value: string): void {
    this.held.set(name, value);
  }
  removeItem(name: string): void {
    this.held.delete(name);
  }
}

function paragraph(doc: Y.Doc, words: string): Y.XmlText {
  const fragment = doc.getXmlFragment("default");
  const element = new Y.XmlElement("paragraph");
  const text = new Y.XmlText();
  element.insert(0, [text]);
  fragment.insert(fragment.length, [element]);
  text.insert(0, words);
  return text;
}

test("only what is not on the disk is kept, block by block, as it is read", () => {
  const doc = new Y.Doc();
  const first = paragraph(doc, "The depot stalled.");
  const second = paragraph(doc, "Nobody saw it.");
  const confirmed = Y.decodeStateVector(Y.encodeStateVector(doc));
  assert.deepEqual(unsavedWords(doc, confirmed), []);
  first.insert(4, "northern ");
  first.insert(first.length, " Twice.");
  first.insert(first.length, " Thrice.");
  second.insert(0, "gone again");
  second.delete(0, "gone again".length);
  second.delete(0, 6);
  paragraph(doc, "A new paragraph.");
  paragraph(doc, "  ");
  assert.deepEqual(
    unsavedWords(doc, confirmed).map(({ words }) => words),
    ["northern  …  Twice. Thrice.", "A new paragraph."],
  );
  // A run of which the beginning is saved.
  const half = new Map(confirmed).set(doc.clientID, (confirmed.get(doc.clientID) ?? 0) + 4);
  assert.equal(unsavedWords(doc, half)[0]?.words, "hern  …  Twice. Thrice.");
  assert.deepEqual(unsavedWords(doc, Y.decodeStateVector(Y.encodeStateVector(doc))), []);
});

test("a thousand documents begun anew: unsaved words are offered once, saved ones never", () => {
  let seed = 7;
  const chance = (below: number): number => (seed = (seed * 48271) % 2147483647) % below;
  for (let round = 0; round < 1000; round++) {
    const doc = new Y.Doc();
    doc.clientID = round + 1;
    const saved: string[] = [];
    const unsaved: string[] = [];
    for (let n = chance(5); n >= 0; n--) saved.push(`s${round}.${n};`);
    const texts = saved.map((words) => paragraph(doc, words));
    const confirmed = Y.decodeStateVector(Y.encodeStateVector(doc));
    for (let n = chance(6); n > 0; n--) {
      const words = `u${round}.${n};`;
      unsaved.push(words);
      const text = texts[chance(texts.length)];
      if (chance(2) === 0 || text === undefined) paragraph(doc, words);
      else text.insert(chance(2) * text.length, words);
    }
    const shelf = new Shelf();
    // The page itself, another tab, and the copy on the device found once more later.
    for (let n = 0; n < 3; n++) keepWords(shelf, "doc", unsavedWords(doc, confirmed));
    const offered = takeWords(shelf, "doc").map(({ words }) => words).join("\n");
    for (const words of unsaved) assert.equal(offered.split(words).length, 2, `${words} once in ${offered}`);
    for (const words of saved) assert.ok(!offered.includes(words), `${words} is saved`);
    assert.deepEqual(takeWords(shelf, "doc"), [], "taken once");
  }
});

test("what lies on the shelf and is not ours is nothing", () => {
  const shelf = new Shelf();
  for (const odd of ["", "{", "null", "3", '{"key":"x"}', '[null,3,{"key":1},{"key":"a"}]']) {
    shelf.setItem("debrief-kept/doc", odd);
    assert.deepEqual(keptWords(shelf, "doc"), [], odd);
  }
});
