// A moment is named, the text goes on, and the moment comes back while somebody else has the document open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { demoPages } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

test("an earlier version is read, compared and brought back under an open editor", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    const ben = await stage.person("Ben");
    await signInByLink(ada.page, installation.link);
    const { writing: address } = await demoPages(ada.page, installation.base);
    const versions = address.replace("/edit", "/versions");
    const [first, second] = ["Ada saw the water first.", "Nobody had drawn the third pump."];
    await step("Ada writes, and names the moment", async () => {
      await ada.page.goto(installation.base + address);
      await writing.opened(ada.page);
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, first);
      await writing.saved(ada.page);
      const me = await ada.page.locator(".who-am-i b").textContent();
      await signInByLink(ben.page, await installation.linkForAnother(me));
      await ben.page.goto(installation.base + versions);
      await ben.page.getByLabel("A name for what it says now").fill("Before the meeting");
      await ben.page.getByRole("button", { name: "Name this version" }).click();
      await ben.page.getByRole("heading", { name: "Before the meeting" }).waitFor();
    });
    await step("Ada writes on, and Ben reads what changed", async () => {
      await writing.newLine(ada.page, "Learnings");
      await writing.type(ada.page, second);
      await writing.cursorAfter(ada.page, "saw the water");
      await writing.type(ada.page, " and the mud");
      await writing.saved(ada.page);
      await ben.page.goto(installation.base + versions);
      await ben.page.getByRole("link", { name: /^Changes since version/ }).first().click();
      await ben.page.locator("ins", { hasText: second }).waitFor();
      await ben.page.locator(".changed ins", { hasText: "and the mud" }).waitFor();
      assert.equal(await ben.page.locator(".changes del").count(), 0, "nothing went");
    });
    await step("Ben brings the moment back, and Ada's editor follows", async () => {
      await ben.page.goto(installation.base + versions);
      const named = ben.page.locator(".version", { hasText: "Before the meeting" }).last();
      await named.locator("summary").click();
      await named.getByRole("button", { name: /^Bring version \d+ back$/ }).click();
      await ben.page.getByText("The version is back.").waitFor();
      await eventually(async () => !(await writing.text(ada.page)).includes(second), "the later words are gone from the open editor");
      assert.equal(await writing.count(ada.page, first), 1, "what stayed stands there once");
    });
    await step("Ada writes on after it, also after undoing, and everybody reads the same", async () => {
      await writing.newLine(ada.page, "Summary");
      await ada.page.keyboard.press("Control+z");
      await writing.newLine(ada.page, "Summary");
      await writing.type(ada.page, "On it goes.");
      await writing.saved(ada.page);
      assert.equal(await writing.count(ada.page, first), 1);
      await ben.page.goto(installation.base + address);
      await writing.opened(ben.page);
      await eventually(async () => (await writing.text(ada.page)) === (await writing.text(ben.page)), "the same text on both sides");
      assert.equal(await writing.count(ben.page, "On it goes."), 1);
    });
  });
});
