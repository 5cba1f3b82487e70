import assert from "node:assert/strict";
import { test } from "node:test";
import { isWebAddress, safeHref } from "../src/schema/safe-link.ts";

const KEPT: [string, string][] = [
  ["https://status.example.org/x?y=1#z", "https://status.example.org/x?y=1#z"],
  ["  http://example.org ", "http://example.org"],
  ["HTTPS://EXAMPLE.ORG/a", "HTTPS://EXAMPLE.ORG/a"],
  ["mailto:on-call@example.org", "mailto:on-call@example.org"],
  ["on-call@example.org", "mailto:on-call@example.org"],
  ["status.example.org", "https://status.example.org"],
  ["wiki.example.org:8443/page", "https://wiki.example.org:8443/page"],
];

const REFUSED = [
  "", "   ", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "\u0001javascript:alert(1)",
  "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://example.org/x", "//example.org", "/incidents", "#top", "https://",
  "https://user:secret@example.org", "https://example.org/a b", "https://example.org/\u202egpj.exe", "ftp://example.org", "word", `https://example.org/${"x".repeat(2100)}`,
];

test("web and mail addresses are kept", () => {
  for (const [raw, href] of KEPT) assert.equal(safeHref(raw), href, raw);
});

test("everything else is refused", () => {
  for (const raw of REFUSED) assert.equal(safeHref(raw), null, JSON.stringify(raw));
});

test("only a whole address counts as a pasted one", () => {
  assert.equal(isWebAddress("https://example.org/x"), true);
  assert.equal(isWebAddress("see https://example.org/x"), false);
  assert.equal(isWebAddress("example.org"), false);
});
