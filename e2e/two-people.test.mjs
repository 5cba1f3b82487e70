// A power cut between two people who write: what the page called saved is there afterwards, once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LINE_IS_CUT, eventually, journey, signInByLink } from "./stage/browser.mjs";
import { twoPeople } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

test("a killed server loses and doubles nothing that two people wrote", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { ada, ben, address } = await twoPeople(stage, installation);
    const people = [ada, ben];
    await step("both have the same draft open", async () => {
      for (const { page } of people) {
        await page.goto(installation.base + address);
        await writing.opened(page);
      }
    });
    const first = { ada: "Ada saw the water first.", ben: "Ben counted the boats." };
    await step("both write, and see one another's words", async () => {
      await writing.newLine(ada.page, "Summary");
      await writing.newLine(ben.page, "Learnings");
      await Promise.all([writing.type(ada.page, first.ada), writing.type(ben.page, first.ben)]);
      for (const { page } of people) for (const words of Object.values(first)) await writing.shows(page, words);
      for (const { page } of people) await writing.saved(page);
    });
    const during = { ada: " She wrote on in the dark.", ben: " He wrote on as well." };
    await step("the power goes", async () => {
      for (const person of people) person.allowed.push(LINE_IS_CUT);
      await installation.stop("SIGKILL");
      await Promise.all([writing.type(ada.page, during.ada), writing.type(ben.page, during.ben)]);
      for (const { page } of people) await page.locator("[data-save-status]", { hasText: "No connection" }).waitFor();
    });
    await step("it comes back, and both pages find it by themselves", async () => {
      await installation.start();
      for (const { page } of people) {
        await writing.shows(page, first.ada + during.ada);
        await writing.shows(page, first.ben + during.ben);
        await writing.saved(page);
      }
    });
    await step("they see one another again", async () => {
      const names = await Promise.all(people.map(({ page }) => page.locator("collab-editor").getAttribute("me-name")));
      for (const [index, { page }] of people.entries()) {
        const other = names[1 - index].split(" ")[0];
        await page.locator("[data-presence]").getByText(other).first().waitFor();
        await page.locator(".caret", { hasText: other }).waitFor({ state: "attached" });
      }
    });
    await step("everybody reads the same, once", async () => {
      await eventually(async () => (await writing.text(ada.page)) === (await writing.text(ben.page)), "the same text on both sides");
      for (const { page } of people) {
        await page.reload();
        await writing.opened(page);
        for (const words of [...Object.values(first), ...Object.values(during)]) assert.equal(await writing.count(page, words.trim()), 1, `“${words.trim()}” stands there once`);
      }
      await installation.stop("SIGKILL");
      await installation.start();
      const carol = await stage.person("Carol");
      await signInByLink(carol.page, installation.link);
      await carol.page.goto(installation.base + address.replace("/edit", ""));
      for (const words of [...Object.values(first), ...Object.values(during)]) await carol.page.getByText(words.trim()).first().waitFor();
    });
  });
});
