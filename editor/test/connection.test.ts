import assert from "node:assert/strict";
import { test } from "node:test";
import { readChange, socketAddress } from "../src/collab/connection.ts";
import { initial, present, shortName, toneOf } from "../src/collab/people.ts";
import { statusText } from "../src/collab/status.ts";

test("the socket's path becomes an absolute address", () => {
  assert.deepEqual(socketAddress("/collab/INC-12", { protocol: "http:", host: "localhost:8080" }), { server: "ws://localhost:8080/collab", room: "INC-12" });
  assert.deepEqual(socketAddress("/at/debrief/collab/INC-12", { protocol: "https:", host: "example.org" }), { server: "wss://example.org/at/debrief/collab", room: "INC-12" });
});

test("message 101 is read, and nonsense is nothing", () => {
  assert.equal(readChange('{"what":"timeline"}'), "timeline");
  for (const bad of ["", "{", "null", "[]", "3", '{"what":3}', "{}"]) assert.equal(readChange(bad), null, bad);
});

test("each situation has its sentence", () => {
  const clock = () => "10:42";
  assert.equal(statusText({ kind: "saved", at: new Date(0) }, clock), "Saved 10:42");
  assert.equal(statusText({ kind: "saving" }, clock), "Saving…");
  assert.equal(statusText({ kind: "offline", kept: true }, clock), "No connection. What you write is kept here and joins later.");
  assert.match(statusText({ kind: "offline", kept: false }, clock), /as long as this page stays open/);
  assert.match(statusText({ kind: "unreached" }, clock), /writing opens with the connection/);
  assert.equal(statusText({ kind: "reader" }, clock), "This document is read-only for you.");
  for (const code of [4400, 4401, 4403, 4404, 4409]) assert.notEqual(statusText({ kind: "closed", code }, clock), "");
});

test("people are shown once, oneself first, and names are cut to what fits", () => {
  const me = { id: "m", name: "Mireille" };
  const states = [{ user: { id: "m", name: "Mireille" } }, { user: { id: "r", name: "Rafe Okonjo" } }, { user: { id: "r", name: "Rafe Okonjo" } }, null, {}, { user: { id: 3, name: "x" } }];
  assert.deepEqual(present(states, me).map(({ id }) => id), ["m", "r"]);
  assert.equal(shortName("Rafe Okonjo"), "Rafe");
  assert.equal(shortName("  "), "Somebody");
  assert.equal(initial("élodie"), "É");
  assert.equal(initial(""), "?");
  assert.deepEqual([5, 9, 7].map((client) => toneOf(client, [9, 5, 7])), ["b", "b", "a"]);
});
