// No script at all: records come in, stories are read, written down and followed up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { journey } from "./stage/browser.mjs";
import { bringIn } from "./stage/pages.mjs";
import { LEFT_OUT, writeRecords } from "./stage/records.mjs";

const PASSPHRASE = "plain pages carry far";

test("a browser without script does everything but write together", async (t) => {
  await journey(t, {}, async ({ installation, stage, step }) => {
    const records = await writeRecords(installation.folder);
    const ada = await stage.person("Ada", { javaScriptEnabled: false });
    // A wrong passphrase is one of the things tried.
    ada.allowed.push(/status of 4(01|22) .*\/sign-in/);
    const { page } = ada;
    const at = (path) => page.goto(installation.base + path);
    const event = (words) => page.locator("li.event", { hasText: words }).first();

    await step("set-up, signing out, and in again", async () => {
      await page.goto(installation.link);
      await page.getByLabel("What is this place called?").fill("Tidewater");
      await page.getByLabel("Your name").fill("Ada Venn");
      await page.getByLabel("Your e-mail address").fill("ada@tidewater.example");
      await page.getByLabel("A passphrase").fill(PASSPHRASE);
      await page.getByRole("button", { name: "Begin" }).click();
      await page.getByRole("heading", { level: 1, name: "Incidents" }).waitFor();
      await page.locator("summary.me").click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByLabel("Your e-mail address").fill("ada@tidewater.example");
      await page.getByLabel("Passphrase").fill("not this one at all");
      await page.getByRole("button", { name: "Sign in" }).click();
      assert.equal(await page.getByLabel("Your e-mail address").inputValue(), "ada@tidewater.example", "the address is kept");
      await page.getByLabel("Passphrase").fill(PASSPHRASE);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { level: 1, name: "Incidents" }).waitFor();
    });

    await step("records come in, and the page tells by itself when they are", async () => {
      for (const [address, files, look] of [
        ["/imports/new", records.pagerduty],
        ["/incidents/INC-1/import", [records.slack], () => page.getByRole("radio", { name: /#inc-berths/ }).check()],
      ]) {
        await at(address);
        await bringIn(page, files, look);
        await page.getByRole("link", { name: "Open INC-1" }).click();
      }
    });

    await step("the list is filtered", async () => {
      await at("/incidents");
      await page.getByPlaceholder("Words, service or team").fill("berth");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByRole("link", { name: /Berth planner answers/ }).waitFor();
      await page.getByPlaceholder("Words, service or team").fill("nothing like it");
      await page.getByRole("button", { name: "Show" }).click();
      await page.getByText("No incident has all of these marks.").waitFor();
    });

    await step("an event is added and hidden", async () => {
      await at("/incidents/INC-1");
      await page.getByRole("link", { name: "Add an event" }).first().click();
      await page.getByLabel("When").fill("2026-03-11T07:45:00");
      await page.getByLabel("What happened").fill("Harbour radio asks both ferries to wait");
      await page.getByRole("button", { name: "Add it" }).click();
      await event("both ferries to wait").hover();
      await event("both ferries to wait").getByRole("button", { name: "Hide" }).click();
      await page.getByText("Hidden from the story").waitFor();
      assert.equal(await page.locator("li.event", { hasText: "both ferries to wait" }).count(), 0);
      assert.ok(await page.locator("#bulk").isVisible(), "several can be chosen, and hidden");
    });

    await step("evidence is searched", async () => {
      await at("/incidents/INC-1/evidence");
      await page.getByPlaceholder("Words, author or place").fill(LEFT_OUT);
      await page.getByRole("button", { name: "Show" }).click();
      await page.locator("li.piece", { hasText: LEFT_OUT }).getByRole("link", { name: "As recorded" }).click();
      await page.getByText("SHA-256 of the raw form").waitFor();
    });

    await step("the response ends, the draft can be read and carried away", async () => {
      await at("/incidents/INC-1/resolution");
      await page.getByLabel("When it ended").fill("2026-03-11T08:20:40");
      await page.getByLabel("Who looks after the post-mortem").selectOption("Ada Venn");
      await page.getByRole("button", { name: "Resolve and begin the draft" }).click();
      await at("/postmortems/INC-1/edit");
      await page.locator("noscript p", { hasText: "Writing needs the script of this page." }).waitFor();
      await at("/postmortems/INC-1");
      // The picture names its marks in titles that are not seen; the words are meant that are.
      await page.locator("article").getByText("Harbour office here").filter({ visible: true }).first().waitFor();
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Markdown" }).click()]);
      assert.match(download.suggestedFilename(), /\.md$/);
    });

    await step("an idea is written down from the draft and seen under follow-ups", async () => {
      await at("/postmortems/INC-1/edit");
      // Words inside <noscript> are not looked at by the finders of text, so elements are named.
      const idea = page.locator("noscript .add-idea");
      await idea.locator("summary").click();
      await idea.locator("input[name=text]").fill("Warn a week before a tide table ends");
      await idea.locator("button").click();
      await at("/follow-ups");
      await page.getByText("Warn a week before a tide table ends").waitFor();
    });

    await step("find or do is a page", async () => {
      await page.getByRole("link", { name: "Find or do" }).click();
      await page.getByRole("searchbox").fill("berth");
      await page.getByRole("button", { name: "Find" }).click();
      await page.getByRole("main").getByRole("link", { name: /Berth planner/ }).click();
      await page.getByRole("heading", { level: 1, name: /Berth planner/ }).waitFor();
    });
  });
});
