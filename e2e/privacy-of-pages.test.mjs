// A reader reads: no control that changes something is drawn, and the document cannot be written in.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { run } from "./stage/installation.mjs";
import { demoPages } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

/** What changes the record, by its address. */
const CHANGES = [/\/edit$/, /\/events\/new/, /\/hidden$/, /\/import/, /\/incidents\/new$/, /\/resolution$/, /\/steps$/, /\/owner$/, /\/title$/, /\/instants$/, /\/commitment$/, /\/drop$/, /\/done$/, /\/people\/.+/, /\/settings\/workspace/];

test("a reader is shown nothing that would be refused", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    await signInByLink(ada.page, installation.link);
    const pages = await demoPages(ada.page, installation.base);

    const out = await run(["user", "invite", "Rosa Lindh", "rosa@brackholm.example", "--role", "reader", "--data-dir", `${installation.folder}/data`]);
    const rosa = await stage.person("Rosa");
    const { page } = rosa;
    await step("a reader comes in", async () => {
      await page.goto(installation.base + /\/links\/\S+/.exec(out)[0]);
      await page.getByLabel("Your name").fill("Rosa Lindh");
      await page.getByLabel("A passphrase").fill("quiet shelf paper lamp");
      await page.getByRole("button", { name: "Come in" }).click();
      await page.waitForURL(/\/incidents/);
    });

    await step("no page offers a change", async () => {
      for (const name of ["incidents", "incident", "evidence", "evidence-piece", "library", "reading", "follow-ups", "settings", "people"]) {
        await page.goto(installation.base + pages[name]);
        const offers = await page.evaluate(() => [...document.querySelectorAll("main a[href], main form[method=post]")].map((one) => new URL(one.href ?? one.action, location.href).pathname));
        const wrong = offers.filter((path) => CHANGES.some((pattern) => pattern.test(path)));
        assert.deepEqual(wrong, [], `${name} offers a change`);
      }
    });

    await step("pages for writing are refused in words", async () => {
      rosa.allowed.push(/status of 403/);
      for (const name of ["writing", "event-new", "import-new", "incident-change"]) {
        const answer = await page.goto(installation.base + pages[name]);
        assert.equal(answer.status(), 403, name);
        await page.getByRole("heading", { level: 1 }).waitFor();
      }
    });

    await step("an editor handed to a reader does not let them write", async () => {
      // Somebody who was a member a moment ago may still have the page open: the socket is what counts.
      await ada.page.goto(`${installation.base}/settings/people`);
      const row = ada.page.locator("tr", { hasText: "Rosa Lindh" });
      await row.getByRole("combobox").selectOption("member");
      await row.getByRole("button", { name: /Change/ }).click();
      await page.goto(installation.base + pages.writing);
      await page.locator("collab-editor.is-open .writing[contenteditable=true]").waitFor();
      const again = ada.page.locator("tr", { hasText: "Rosa Lindh" });
      await ada.page.goto(`${installation.base}/settings/people`);
      await again.getByRole("combobox").selectOption("reader");
      await again.getByRole("button", { name: /Change/ }).click();
      await writing.newLine(page, "Summary");
      await page.keyboard.type("This is never taken.");
      await page.locator("[data-save-status]", { hasText: "read-only" }).waitFor();
      await eventually(() => page.locator(".writing[contenteditable=false]").count(), "the paper is closed to writing");
      await ada.page.goto(installation.base + pages.writing.replace("/edit", ""));
      assert.ok(!(await ada.page.locator("article").innerText()).includes("This is never taken."));
    });
  });
});
