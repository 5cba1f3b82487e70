// A restored backup begins every document anew: words that were never saved are offered, and nothing doubles.
import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { LINE_IS_CUT, eventually, journey, signInByLink } from "./stage/browser.mjs";
import { run } from "./stage/installation.mjs";
import { demoPages } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

test("words typed while the record was restored are offered once, and never merged", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    await signInByLink(ada.page, installation.link);
    const { writing: address } = await demoPages(ada.page, installation.base);
    const data = join(installation.folder, "data");
    const backup = join(installation.folder, "backup.zip");
    await step("words are saved and backed up", async () => {
      await ada.page.goto(installation.base + address);
      await writing.opened(ada.page);
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, "Saved before the backup.");
      await writing.saved(ada.page);
      await ada.page.waitForTimeout(1_000);
      await run(["backup", backup, "--data-dir", data]);
    });
    await step("the server stops, and the writer goes on", async () => {
      ada.allowed.push(LINE_IS_CUT);
      await installation.stop("SIGKILL");
      await writing.type(ada.page, " Typed while it was away.");
      await ada.page.locator("[data-save-status]", { hasText: "No connection" }).waitFor();
    });
    await step("the record comes back from the backup", async () => {
      await rename(data, `${data}-before`);
      await run(["restore", backup, "--data-dir", data]);
      await installation.start();
      const email = (await run(["user", "list", "--data-dir", data])).match(/\S+@\S+/)[0];
      const link = installation.base + /\/links\/\S+/.exec(await run(["user", "link", email, "--data-dir", data]))[0];
      await signInByLink(ada.page, link);
      await ada.page.goto(installation.base + address);
      await writing.opened(ada.page);
    });
    const offer = ada.page.locator(".kept-words");
    await step("what was not saved is offered, what was is in the text", async () => {
      await offer.waitFor();
      assert.equal((await offer.locator("blockquote").innerText()).trim(), "Typed while it was away.");
      assert.equal(await writing.count(ada.page, "Saved before the backup."), 1);
      assert.equal(await writing.count(ada.page, "Typed while it was away."), 0, "nothing is merged by itself");
      if (process.env.SCREENSHOTS_TO) await ada.page.screenshot({ path: `${process.env.SCREENSHOTS_TO}/offer.png` });
    });
    await step("it goes to the end, once", async () => {
      await offer.getByRole("button", { name: "Put at the end" }).click();
      await eventually(async () => (await offer.count()) === 0, "the offer is gone");
      await writing.saved(ada.page);
      await ada.page.reload();
      await writing.opened(ada.page);
      assert.equal(await offer.count(), 0);
      for (const words of ["Saved before the backup.", "Typed while it was away."]) assert.equal(await writing.count(ada.page, words), 1, words);
    });
  });
});
