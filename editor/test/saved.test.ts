import assert from "node:assert/strict";
import { test } from "node:test";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { SaveLedger, covers, readAcknowledgement } from "../src/collab/saved.ts";

const clocks = (...pairs: [number, number][]) => new Map(pairs);

test("a vector covers another when no clock of it is behind", () => {
  const cases: [Map<number, number>, Map<number, number>, boolean][] = [
    [clocks(), clocks(), true],
    [clocks([1, 5]), clocks(), true],
    [clocks(), clocks([1, 1]), false],
    [clocks([1, 5], [2, 3]), clocks([1, 5]), true],
    [clocks([1, 4]), clocks([1, 5]), false],
    [clocks([2, 9]), clocks([1, 1]), false],
  ];
  for (const [durable, local, expected] of cases) assert.equal(covers(durable, local), expected);
});

test("message 100 is read with and without the count of frames", () => {
  const doc = new Y.Doc();
  doc.getText("t").insert(0, "four");
  for (const frames of [null, 7]) {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint8Array(encoder, Y.encodeStateVector(doc));
    if (frames !== null) encoding.writeVarUint(encoder, frames);
    const read = readAcknowledgement(decoding.createDecoder(encoding.toUint8Array(encoder)));
    assert.deepEqual(read, { durable: clocks([doc.clientID, 4]), frames });
  }
});

test("words count as saved only when the disk has them", () => {
  const ledger = new SaveLedger();
  ledger.connected();
  assert.equal(ledger.saved, true, "nothing was written");
  ledger.wrote(clocks([1, 3]), false);
  ledger.frameSent();
  assert.equal(ledger.saved, false, "sent is not saved");
  ledger.acknowledged({ durable: clocks([1, 2]), frames: null });
  assert.equal(ledger.saved, false, "an earlier state is on disk");
  ledger.acknowledged({ durable: clocks([1, 3], [2, 8]), frames: null });
  assert.equal(ledger.saved, true);
});

test("a deletion counts as saved when its own frame is on disk", () => {
  const ledger = new SaveLedger();
  ledger.connected();
  ledger.wrote(clocks([1, 3]), false);
  ledger.frameSent();
  ledger.wrote(clocks(), true);
  ledger.frameSent();
  ledger.acknowledged({ durable: clocks([1, 3]), frames: 1 });
  assert.equal(ledger.saved, false, "the frame before it");
  ledger.acknowledged({ durable: clocks([1, 3]), frames: 2 });
  assert.equal(ledger.saved, true);
});

test("what was written without a connection waits for the next one", () => {
  const ledger = new SaveLedger();
  ledger.wrote(clocks([1, 3]), true);
  ledger.connected();
  assert.equal(ledger.saved, false);
  ledger.acknowledged({ durable: clocks([1, 3]), frames: null });
  assert.equal(ledger.saved, false, "the deletion has not left yet");
  ledger.frameSent();
  ledger.acknowledged({ durable: clocks([1, 3]), frames: null });
  assert.equal(ledger.saved, true);
});
