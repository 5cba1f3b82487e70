// A sentence about somebody leaves for good: from the card beside it, past a page that shows what would go, out of the
// editor of whoever has it open, and out of every version.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { eventually, journey } from "./stage/browser.mjs";
import { twoPeople } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WORDS = "The harbour crew was careless and lazy that night.";

test("a passage is withdrawn by its author and is nowhere any more", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { ada, ben, address } = await twoPeople(stage, installation);
    const number = /INC-\d+/.exec(address)[0];
    await step("both have the draft open, and Ada writes a sentence about somebody", async () => {
      for (const { page } of [ada, ben]) {
        await page.goto(installation.base + address);
        await writing.opened(page);
      }
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, `The tide was high. ${WORDS} It rained.`);
      await ada.page.locator(".writing .aid-mark", { hasText: "careless" }).waitFor();
      await writing.saved(ada.page);
      await writing.shows(ben.page, WORDS);
      await writing.newLine(ben.page, "Learnings");
      await writing.type(ben.page, "What Ben learned stays.");
      await writing.saved(ben.page);
    });
    await step("it is in a version that somebody named", async () => {
      await ada.page.goto(`${installation.base}/postmortems/${number}/versions`);
      await ada.page.getByLabel("A name for what it says now").fill("Before");
      await ada.page.getByRole("button", { name: "Name this version" }).click();
      await ada.page.getByText("This version has its name.").waitFor();
      await ada.page.goto(installation.base + address);
      await writing.opened(ada.page);
    });
    await step("the card leads to what would go", async () => {
      await ada.page.locator(".writing .aid-mark", { hasText: "careless" }).click();
      await ada.page.getByRole("dialog").getByRole("button", { name: "Take it out of the document" }).click();
      await ada.page.getByRole("heading", { name: "Take a passage out for good" }).waitFor();
      assert.equal((await ada.page.locator("blockquote.leaving").innerText()).trim(), WORDS);
      assert.ok(!ada.page.url().includes("careless"), "words are in no address");
      await ada.page.evaluate(AXE);
      const barriers = await ada.page.evaluate(async () => (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].target}`));
      assert.deepEqual(barriers, []);
      if (process.env.SCREENSHOTS_TO) await ada.page.screenshot({ path: `${process.env.SCREENSHOTS_TO}/leaving.png`, fullPage: true });
    });
    await step("once she is sure it is hers alone", async () => {
      await ada.page.getByRole("button", { name: "Take it out", exact: true }).click();
      await ada.page.getByText("Taken out, for good.").waitFor();
      await ada.page.getByText(WORDS).waitFor();
    });
    await step("Ben's editor starts afresh without it, and with his own words", async () => {
      await eventually(async () => (await writing.count(ben.page, "careless")) === 0, "the words are gone from his page");
      await writing.opened(ben.page);
      assert.equal(await writing.count(ben.page, "What Ben learned stays."), 1);
      assert.equal(await writing.count(ben.page, "The tide was high. It rained."), 1);
      await writing.newLine(ben.page, "Learnings");
      await writing.type(ben.page, "And he writes on.");
      await writing.saved(ben.page);
      for (let back = 0; back < 30; back++) await ben.page.keyboard.press("Control+z");
      assert.equal(await writing.count(ben.page, "careless"), 0, "undoing brings nothing back");
    });
    await step("no version shows it, and only its author sees that something left", async () => {
      for (const [page, sees] of [[ada.page, true], [ben.page, false]]) {
        await page.goto(`${installation.base}/postmortems/${number}/versions`);
        assert.equal(await page.getByText("You took a passage of yours out for good").count(), sees ? 1 : 0);
        for (const link of await page.locator(".version-acts a").evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
          const told = await page.request.get(installation.base + link);
          assert.ok(!(await told.text()).includes("careless"), link);
        }
      }
      assert.equal(await ben.page.goto(`${installation.base}/incidents/${number}/accounts`).then((answer) => answer.text()).then((text) => text.includes("careless")), false);
    });
  });
});
