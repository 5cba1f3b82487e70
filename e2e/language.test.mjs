// Two people write; each sees questions about their own sentences only, by mouse and by keys.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { eventually, journey, LINE_IS_CUT } from "./stage/browser.mjs";
import { twoPeople } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

test("questions about sentences are seen by their writer only", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { ada, ben, address } = await twoPeople(stage, installation);
    await step("both have the same draft open", async () => {
      for (const { page } of [ada, ben]) {
        await page.goto(installation.base + address);
        await writing.opened(page);
      }
    });
    const marks = (page, words) => page.locator(".writing .aid-mark", { hasText: words });
    await step("a sentence that closes an inquiry gets a quiet mark, for its writer only", async () => {
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, "The harbour crew ignored the tide alarm.");
      await marks(ada.page, "ignored").waitFor();
      await writing.shows(ben.page, "The harbour crew ignored the tide alarm.");
      await writing.newLine(ben.page, "Learnings");
      await writing.type(ben.page, "It was human error on the quay.");
      await marks(ben.page, "human error").waitFor();
      assert.equal(await marks(ben.page, "ignored").count(), 0, "Ben is not asked about Ada's words");
      assert.equal(await marks(ada.page, "human error").count(), 0, "nor Ada about Ben's");
    });
    await step("the mark moves with its words", async () => {
      await ada.page.keyboard.press("Home");
      await writing.type(ada.page, "At noon. ");
      await eventually(async () => (await marks(ada.page, "ignored").textContent()) === "ignored", "the mark stands under the same word");
    });
    await step("the mark is there again when its writer comes back, and has moved with what others wrote meanwhile", async () => {
      await writing.saved(ada.page);
      await ada.page.goto(installation.base + "/");
      await writing.newLine(ben.page, "Summary");
      await writing.type(ben.page, "A line above everything.");
      await writing.saved(ben.page);
      await ada.page.goto(installation.base + address);
      await writing.opened(ada.page);
      await writing.shows(ada.page, "A line above everything.");
      await eventually(async () => (await marks(ada.page, "ignored").textContent()) === "ignored", "the mark stands under its word again");
      assert.equal(await marks(ben.page, "ignored").count(), 0, "and for nobody else");
    });
    await step("the card opens by keys, explains itself and closes by Escape", async () => {
      await marks(ada.page, "ignored").click();
      const card = ada.page.getByRole("dialog");
      await card.getByText("What were they doing instead").waitFor();
      await ada.page.evaluate(AXE);
      for (const colorScheme of ["light", "dark"]) {
        await ada.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        // A colour on its way to another has a contrast of its own.
        await ada.page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
        await ada.page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))).then(() => null));
        const barriers = await ada.page.evaluate(async () => (await window.axe.run(".aid-card")).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join("; ")}`));
        assert.deepEqual(barriers, [], `the card in ${colorScheme}`);
      }
      await ada.page.keyboard.press("Escape");
      await card.waitFor({ state: "detached" });
      await ada.page.keyboard.press("Control+.");
      await card.waitFor();
      await card.getByRole("button", { name: "Not here" }).click();
      await card.waitFor({ state: "detached" });
      await eventually(async () => (await marks(ada.page, "ignored").count()) === 0, "a dismissed sentence is silent");
    });
    await step("an improvement is parked as an idea, and rests among the ideas", async () => {
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, "If only the gauge had been read at noon.");
      await marks(ada.page, "If only").click();
      const card = ada.page.getByRole("dialog");
      await card.getByRole("button", { name: "Park it as an idea" }).click();
      await card.waitFor({ state: "detached" });
      const line = ada.page.getByLabel("What could be different?");
      assert.equal(await line.inputValue(), "If only the gauge had been read at noon.", "it begins with what was written");
      await line.fill("A second tide gauge at the lock");
      // A line that is cut loses no idea.
      ada.allowed.push(LINE_IS_CUT);
      await ada.page.route("**/follow-ups", (route) => route.abort("connectionreset"));
      await ada.page.getByRole("button", { name: "Park it" }).click();
      const again = ada.page.getByLabel("This did not reach the server. Try again.");
      await again.waitFor();
      assert.equal(await again.inputValue(), "A second tide gauge at the lock");
      await ada.page.unroute("**/follow-ups");
      const parked = ada.page.waitForResponse((answer) => answer.request().method() === "POST" && answer.url().endsWith("/follow-ups"));
      await ada.page.getByRole("button", { name: "Park it" }).click();
      await parked;
      await again.waitFor({ state: "detached" });
      await ben.page.goto(`${installation.base}/follow-ups`);
      const idea = ben.page.locator("li[data-row]", { hasText: "A second tide gauge at the lock" });
      await idea.waitFor();
      await idea.getByText("to prevent").waitFor();
      assert.equal(await idea.getByRole("button", { name: "It is done" }).count(), 0, "an idea rests before anybody promises it");
      await ben.page.goto(installation.base + address);
      await writing.opened(ben.page);
    });
    await step("another thing that contributed is put beside the one that was named alone", async () => {
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, "The root cause was a full disk.");
      await marks(ada.page, "root cause").click();
      const card = ada.page.getByRole("dialog");
      await card.getByRole("button", { name: "Add what else contributed" }).click();
      await ada.page.getByLabel("What else had to be so?").fill("Nobody is paged when a disk fills up");
      await ada.page.getByRole("button", { name: "Add it" }).click();
      const words = "It also contributed: Nobody is paged when a disk fills up";
      await writing.shows(ada.page, words);
      await writing.saved(ada.page);
      await writing.shows(ben.page, words);
      const after = await ben.page.locator(".writing p", { hasText: words }).evaluate((one) => one.previousElementSibling.textContent);
      assert.equal(after, "The root cause was a full disk.", "it stands below the sentence that it completes");
      // Whoever reads what was written finds it there.
      const number = /INC-\d+/.exec(address)[0];
      const read = await ben.page.request.get(`${installation.base}/postmortems/${number}`);
      assert.ok((await read.text()).includes("Nobody is paged when a disk fills up"));
    });
    await step("a debrief is asked for with one press, and stands beside the document", async () => {
      await marks(ben.page, "human error").click();
      const card = ben.page.getByRole("dialog");
      await card.getByRole("button", { name: "Ask for a debrief" }).click();
      await card.getByText("Asked for.").waitFor();
      await ben.page.keyboard.press("Escape");
      await writing.saved(ben.page);
      await ada.page.reload();
      await ada.page.getByRole("heading", { name: "Asked for" }).waitFor();
    });
  });
});
