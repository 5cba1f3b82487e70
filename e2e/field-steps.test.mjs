// The steps of the card in plain fields happen: an idea is parked from an event and leads back to it, what else contributed goes
// into the document that somebody else has open, and a sentence about somebody leaves the field and is sealed for its writer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey, LINE_IS_CUT } from "./stage/browser.mjs";
import { twoPeople } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

const marked = (page) => page.locator(".aid-layer .aid-mark").allTextContents();
const shows = (page, words) => eventually(async () => JSON.stringify(await marked(page)) === JSON.stringify(words), `lines under ${JSON.stringify(words)}`);

test("what the card offers in a plain field happens, and the rest of the form stays", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { ada, ben, address } = await twoPeople(stage, installation);
    const { page } = ada;
    const number = /INC-\d+/.exec(address)[0];
    await ben.page.goto(installation.base + address);
    await writing.opened(ben.page);
    const detail = page.locator("#detail");
    const card = page.getByRole("dialog");
    const told = page.locator(".aid-told");
    const press = async (words, name) => {
      await page.getByRole("button", { name: `“${words}”` }).click();
      await card.getByRole("button", { name, exact: true }).click();
    };
    /** Writes an event down and comes back to its form. */
    const saved = async () => {
      await page.locator("#title").fill("The tide rose");
      await page.getByRole("button", { name: "Add it" }).click();
      await page.waitForURL(/\?done=/);
      const id = new URL(page.url()).hash.replace("#e-", "");
      await page.goto(`${installation.base}/incidents/${number}/events/${id}`);
      return id;
    };
    await step("a sentence about somebody that nobody saved leaves the field, and the rest stays", async () => {
      await page.goto(`${installation.base}/incidents/${number}/events/new`);
      await page.locator("#at").fill("2026-11-14T05:40");
      await detail.focus();
      await page.keyboard.type("The tide rose. The crew was careless and lazy. It rained.", { delay: 8 });
      await shows(page, ["careless"]);
      await press("careless", "Take it out of the field");
      await card.waitFor({ state: "detached" });
      assert.equal(await detail.inputValue(), "The tide rose. It rained.");
      await told.getByText("Taken out. It is sealed for you alone.").waitFor();
      assert.ok(await detail.evaluate((one) => one === document.activeElement), "the cursor is back in the field");
      await shows(page, []);
      const accounts = async (who) => (await who.request.get(`${installation.base}/incidents/${number}/accounts`)).text();
      assert.ok((await accounts(page)).includes("The crew was careless and lazy."), "its writer finds it");
      assert.ok(!(await accounts(ben.page)).includes("careless"), "nobody else does");
    });
    await step("one step back brings it again, and the message goes with the next key", async () => {
      await page.keyboard.press("Control+z");
      assert.equal(await detail.inputValue(), "The tide rose. The crew was careless and lazy. It rained.");
      assert.equal(await told.textContent(), "");
      await shows(page, ["careless"]);
      await page.keyboard.press("Control+y");
      assert.equal(await detail.inputValue(), "The tide rose. It rained.");
    });
    await step("a line without a full stop leaves alone", async () => {
      await detail.fill("");
      await page.keyboard.type("It rained\nThe crew was careless and lazy\nThe tide fell", { delay: 8 });
      await shows(page, ["careless"]);
      await press("careless", "Take it out of the field");
      await card.waitFor({ state: "detached" });
      await eventually(async () => (await detail.inputValue()) === "It rained\nThe tide fell", "the other lines stay");
    });
    await step("more than three in a paragraph are named in a list, folded", async () => {
      const before = await detail.inputValue();
      await detail.fill("The team failed to reply. The vendor was careless. The crew forgot the key. The shift ignored the alarm.");
      await shows(page, ["failed to", "careless", "forgot"]);
      await page.getByRole("button", { name: "“forgot”" }).click();
      await card.getByText("One more question here").click();
      await card.getByText("“ignored”: What were they doing instead").waitFor();
      if (process.env.SCREENSHOTS_TO) await page.screenshot({ path: `${process.env.SCREENSHOTS_TO}/steps.png` });
      await page.keyboard.press("Escape");
      await detail.fill(before);
    });
    await step("an improvement is parked, also when the line was cut, and leads back to its event", async () => {
      const id = await saved();
      await detail.focus();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" If only the gauge had been read at noon.", { delay: 8 });
      await shows(page, ["If only"]);
      await press("If only", "Park it as an idea");
      const line = page.getByLabel("What could be different?");
      assert.equal(await line.inputValue(), "The tide fell If only the gauge had been read at noon.");
      await line.fill("A second tide gauge at the lock");
      ada.allowed.push(LINE_IS_CUT);
      await page.route("**/follow-ups", (route) => route.abort("connectionreset"));
      await page.getByRole("button", { name: "Park it" }).click();
      const again = page.getByLabel("This did not reach the server. Try again.");
      await again.waitFor();
      assert.equal(await again.inputValue(), "A second tide gauge at the lock");
      await page.unroute("**/follow-ups");
      await page.getByRole("button", { name: "Park it" }).click();
      await told.getByText("Parked. It rests first.").waitFor();
      assert.ok((await detail.inputValue()).endsWith("read at noon."), "what was written stays");
      const look = await ben.page.context().newPage();
      await look.goto(`${installation.base}/follow-ups`);
      const idea = look.locator("li[data-row]", { hasText: "A second tide gauge at the lock" });
      await idea.getByText("beside this event").click();
      await look.waitForURL(new RegExp(`/incidents/${number}#e-${id}$`));
      await look.locator(`#e-${id}`).waitFor();
      await look.close();
    });
    await step("what else contributed comes into the document, before the eyes of whoever has it open", async () => {
      await page.keyboard.type(" The root cause was a full disk.", { delay: 8 });
      await detail.press("Control+End");
      await page.keyboard.type(" ", { delay: 8 });
      await eventually(async () => (await marked(page)).includes("root cause was"), "it is asked about");
      await press("root cause was", "Add what else contributed");
      await page.getByLabel("What else had to be so?").fill("Nobody is paged when a disk fills up");
      await page.getByRole("button", { name: "Add it", exact: true }).first().click();
      await told.getByText("Added to the document.").waitFor();
      await writing.shows(ben.page, "It also contributed: Nobody is paged when a disk fills up");
      await writing.saved(ben.page);
    });
    await step("words that were kept before leave by the page that shows what would go, once the form is saved", async () => {
      await detail.fill("It rained. The crew was careless and lazy.");
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.waitForURL(/\?done=/);
      const id = new URL(page.url()).hash.replace("#e-", "");
      await page.goto(`${installation.base}/incidents/${number}/events/${id}`);
      await detail.focus();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" It fell.", { delay: 8 });
      await shows(page, ["careless"]);
      await press("careless", "Take it out of the field");
      await card.getByText("Save first, or leave the page").waitFor();
      assert.ok((await detail.inputValue()).includes("careless"), "nothing is lost meanwhile");
      await page.keyboard.press("Escape");
      for (let back = 0; back < " It fell.".length; back++) await detail.press("Backspace");
      await detail.press("End");
      await eventually(async () => (await detail.inputValue()) === "It rained. The crew was careless and lazy.", "the form is as it came");
      await shows(page, ["careless"]);
      await press("careless", "Take it out of the field");
      await page.getByRole("heading", { name: "Take a passage out for good" }).waitFor();
      assert.equal((await page.locator("blockquote.leaving").innerText()).trim(), "The crew was careless and lazy.");
      await page.getByRole("button", { name: "Take it out", exact: true }).click();
      await page.getByText("Taken out, for good.").waitFor();
      const event = await page.request.get(`${installation.base}/incidents/${number}/events/${id}`);
      assert.ok(!(await event.text()).includes("careless"));
    });
    await step("before there is an incident nothing can be parked, added or sealed, and nothing is offered", async () => {
      await page.goto(`${installation.base}/incidents/new`);
      await page.locator("#summary").focus();
      await page.keyboard.type("If only we had known. The crew was careless and lazy. The root cause was a full disk.", { delay: 8 });
      await shows(page, ["If only", "careless", "root cause was"]);
      for (const words of ["If only", "careless", "root cause was"]) {
        await page.getByRole("button", { name: `“${words}”` }).click();
        await card.getByRole("button", { name: "Not here" }).waitFor();
        assert.deepEqual(await card.getByRole("button").allInnerTexts(), ["Not here", "This rule does not help us"]);
        await page.keyboard.press("Escape");
      }
    });
  });
});
