import assert from "node:assert/strict";
import { test } from "node:test";
import * as Y from "yjs";
import { keepOwnPlaces, nameOf, ownPlaces } from "../src/collab/own-places.ts";

function storage(): Storage {
  const all = new Map<string, string>();
  return {
    length: 0,
    clear: () => all.clear(),
    getItem: (key) => all.get(key) ?? null,
    key: () => null,
    removeItem: (key) => void all.delete(key),
    setItem: (key, value) => void all.set(key, value),
  };
}

test("places come back where their text is by then, for the same person and document only", () => {
  const doc = new Y.Doc();
  const text = doc.getText("default");
  text.insert(0, "The crew left.");
  const kept = storage();
  const name = nameOf("7", "ada");
  keepOwnPlaces(kept, name, [Y.createRelativePositionFromTypeIndex(text, 4)]);
  text.insert(0, "At noon. ");
  const [place] = ownPlaces(kept, name);
  assert.ok(place);
  assert.equal(Y.createAbsolutePositionFromRelativePosition(place, doc)?.index, 13);
  assert.deepEqual(ownPlaces(kept, nameOf("7", "ben")), []);
  assert.deepEqual(ownPlaces(kept, nameOf("8", "ada")), []);
  assert.ok(!(kept.getItem(name ?? "") ?? "").includes("crew"), "no words are kept");
});

test("without a person nothing is kept, and what is not ours is nothing", () => {
  const kept = storage();
  keepOwnPlaces(kept, nameOf("7", ""), []);
  assert.equal(nameOf("7", ""), null);
  const name = nameOf("7", "ada") ?? "";
  for (const odd of ["{", "3", "null", '["a"', "{}"]) {
    kept.setItem(name, odd);
    assert.deepEqual(ownPlaces(kept, name), []);
  }
});
