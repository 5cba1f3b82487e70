import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { STEPS } from "../src/menus/card.ts";

test("every step that a shipped rule offers, and every one a workspace may, has its place on the card", () => {
  const folder = "data/language/en/rules";
  const rules = fs.readdirSync(folder).map((name) => fs.readFileSync(`${folder}/${name}`, "utf8"));
  const offered = rules.flatMap((text) => [...text.matchAll(/^ +steps: \[(.*)\]$/gm)].flatMap(([, list]) => (list ?? "").split(", ")));
  const schema: { $defs?: unknown } = JSON.parse(fs.readFileSync("data/schemas/language-rule.json", "utf8"));
  const allowed = /"steps":.*?"enum":\[([^\]]+)\]/.exec(JSON.stringify(schema))?.[1]?.replaceAll('"', "").split(",") ?? [];
  assert.ok(offered.length >= 5, "the rules were read");
  assert.deepEqual([...new Set(offered)].filter((step) => !(STEPS as readonly string[]).includes(step ?? "")), []);
  assert.deepEqual([...allowed].sort(), [...STEPS].sort());
});
