// Somebody writes an event: a sentence that closes an inquiry gets a quiet mark in a plain field, as in the document, and a
// card by press, by keys and by Tab. Nothing of it reaches anybody else, and saving needs none of it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { demoPages } from "./stage/pages.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The words that have a line under them. */
const marked = (page) => page.locator(".aid-layer .aid-mark").allTextContents();
const shows = (page, words) => eventually(async () => JSON.stringify(await marked(page)) === JSON.stringify(words), `lines under ${JSON.stringify(words)}`);

/** How far a mark stands from where the field itself has these words, measured with a field of the same look. */
const offBy = (page, selector, words) =>
  page.evaluate(
    ([selector, words]) => {
      const field = document.querySelector(selector);
      const mark = [...document.querySelectorAll(".aid-layer .aid-mark")].find((one) => one.textContent === words).getBoundingClientRect();
      // Where a field scrolls to show a caret is where it has the words: the caret's line, asked of the browser.
      const rect = field.getBoundingClientRect();
      return { left: mark.left - rect.left, top: mark.top - rect.top, width: rect.width, height: rect.height, right: mark.right - rect.left };
    },
    [selector, words],
  );

async function barriers(page) {
  await page.evaluate(AXE);
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => null))).then(() => null));
    const violations = await page.evaluate(async () => (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, any }) => `${target} ${any[0]?.message ?? ""}`).join("; ")}`));
    found.push(...violations.map((words) => `${colorScheme}: ${words}`));
    if (process.env.SCREENSHOTS_TO) await page.screenshot({ path: `${process.env.SCREENSHOTS_TO}/fields-${colorScheme}.png`, fullPage: true });
  }
  return found;
}

test("an event's detail is asked about while it is written", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    const { page } = ada;
    await signInByLink(page, installation.link);
    const pages = await demoPages(page, installation.base);
    const number = /INC-\d+/.exec(pages["event-new"])[0];
    const asked = [];
    page.on("request", (request) => {
      if (new URL(request.url()).pathname === "/language") asked.push(request.postDataJSON());
    });
    const detail = page.locator("#detail");
    const card = page.getByRole("dialog");
    await step("nothing is asked of a page that nobody writes in", async () => {
      await page.goto(installation.base + pages["event-new"]);
      await page.locator("#at").fill("2026-11-14T05:40");
      assert.equal(await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => /\/aid-/.test(name)).length), 0);
    });
    await step("a sentence with blame gets a quiet line, and is named below the field", async () => {
      await detail.focus();
      await page.keyboard.type("The tide rose. ", { delay: 8 });
      await page.keyboard.type("The harbour crew was careless and the night shift ignored the alarm.", { delay: 8 });
      await shows(page, ["careless"]);
      await page.getByRole("button", { name: "“careless”" }).waitFor();
      assert.equal(await page.getByRole("status").filter({ hasText: "One question about these words, below the field." }).count(), 1);
      assert.ok((await detail.getAttribute("aria-describedby")).includes("aid-note-"));
      assert.ok(await detail.evaluate((one) => one === document.activeElement), "the focus stays where somebody writes");
      assert.equal(asked.at(-1).incident, number);
      assert.equal(asked.at(-1).fields[0].surface, "timeline");
    });
    await step("the line stands where the words stand, also when they wrap, scroll and the field changes its size", async () => {
      // A measure of our own: the same words in the same look, one after another, broken by the browser.
      const reference = () => page.evaluate(() => {
        const field = document.querySelector("#detail");
        const copy = document.createElement("div");
        const looks = getComputedStyle(field);
        for (const name of looks) if (!/^(inline|block|min-|max-|height|width|perspective|transform)/.test(name)) copy.style.setProperty(name, looks.getPropertyValue(name));
        Object.assign(copy.style, { position: "fixed", left: "0", top: "0", width: `${field.clientWidth + parseFloat(looks.borderLeftWidth) + parseFloat(looks.borderRightWidth)}px`, whiteSpace: "pre-wrap", overflowWrap: "break-word", height: "auto", transition: "none" });
        const at = field.value.indexOf("careless");
        const word = document.createElement("b");
        word.style.font = "inherit";
        word.textContent = "careless";
        copy.append(field.value.slice(0, at), word, field.value.slice(at + 8));
        document.body.append(copy);
        const rect = word.getBoundingClientRect();
        copy.remove();
        return { left: rect.left, top: rect.top - field.scrollTop };
      });
      const close = async (what) => {
        await eventually(async () => {
          const [mark, own] = [await offBy(page, "#detail", "careless"), await reference()];
          return Math.abs(mark.left - own.left) < 1.5 && Math.abs(mark.top - own.top) < 1.5;
        }, `the line under the word, ${what}`);
      };
      await close("as typed");
      await page.setViewportSize({ width: 420, height: 800 });
      await close("in a narrow window");
      const wraps = await offBy(page, "#detail", "careless");
      await page.setViewportSize({ width: 1280, height: 900 });
      await close("in a wide one again");
      assert.notDeepEqual(wraps, await offBy(page, "#detail", "careless"), "the window changed where it stands");
      await detail.evaluate((one) => (one.style.height = "60px"));
      await detail.press("Control+Home");
      await page.keyboard.type("One.\nTwo.\nThree.\nFour.\nFive.\n", { delay: 2 });
      await shows(page, ["careless"]);
      await detail.evaluate((one) => (one.scrollTop = one.scrollHeight));
      await close("after scrolling");
      await detail.evaluate((one) => (one.style.height = ""));
      await close("in a field that grew");
    });
    await step("the card opens by a press, by keys and by Tab, and gives the focus back", async () => {
      const word = await page.locator(".aid-layer .aid-mark").boundingBox();
      await page.mouse.click(word.x + word.width / 2, word.y + word.height / 2);
      await card.getByText("What circumstances explain it?").waitFor();
      assert.ok(await detail.evaluate((one) => one === document.activeElement), "a press leaves the cursor where it was put");
      assert.deepEqual(await barriers(page), []);
      await page.keyboard.press("Escape");
      await card.waitFor({ state: "detached" });
      await page.keyboard.press("Control+.");
      await card.waitFor();
      assert.ok(await card.evaluate((one) => one.contains(document.activeElement)), "keys lead into the card");
      await page.keyboard.press("Escape");
      await card.waitFor({ state: "detached" });
      assert.ok(await detail.evaluate((one) => one === document.activeElement));
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "“careless”");
      await page.keyboard.press("Enter");
      await card.getByText("What circumstances explain it?").waitFor();
    });
    await step("“not here” silences it, for this page and for good", async () => {
      const kept = page.waitForResponse((answer) => answer.url().endsWith(`/incidents/${number}/language/findings`) && answer.request().postData().includes("not_here"));
      await card.getByRole("button", { name: "Not here" }).click();
      await card.waitFor({ state: "detached" });
      await shows(page, []);
      assert.equal((await kept).status(), 204);
      assert.equal(await page.locator(".aid-open").count(), 0);
      await detail.press("Control+End");
      await page.keyboard.type(" It rained.", { delay: 8 });
      await eventually(() => asked.at(-1).fields[0].text.endsWith("It rained."), "what was added is read");
      await shows(page, []);
    });
    await step("another sentence is asked about, and corrected it is silent by itself", async () => {
      await page.keyboard.type(" It was human error.", { delay: 8 });
      await shows(page, ["human error"]);
      await detail.press("Control+End");
      for (let back = 0; back < "human error.".length; back++) await page.keyboard.press("Backspace");
      await page.keyboard.type("a worn switch.", { delay: 8 });
      await shows(page, []);
    });
    await step("a field of one line is asked about too, with what both show counted together", async () => {
      await page.locator("#title").pressSequentially("The operator forgot the second gate", { delay: 8 });
      await shows(page, ["forgot"]);
      const { left, right, top, width, height } = await offBy(page, "#title", "forgot");
      assert.ok(left > 0 && right < width && top > 0 && top < height, `the line stands within its field: ${JSON.stringify({ left, right, top, width, height })}`);
    });
    await step("other languages get silence", async () => {
      await page.locator("#title").fill("Der Techniker hätte es wissen müssen und war nachlässig");
      await eventually(() => asked.at(-1).fields[0].text.startsWith("Der Techniker"), "it was read");
      await shows(page, []);
    });
    await step("a quiet note has no ink of its own, wherever its field stands", async () => {
      await page.goto(`${installation.base}/incidents/${number}/accounts`);
      const saw = page.locator("textarea[data-aid]").first();
      await saw.pressSequentially("I should have called earlier.", { delay: 8 });
      await shows(page, ["should have called"]);
      const look = await page.locator(".aid-layer .aid-mark").evaluate((one) => {
        const [of, is] = [getComputedStyle(document.querySelector("textarea[data-aid]")), getComputedStyle(one)];
        return { ink: is.color, same: of.fontSize === is.fontSize && of.fontFamily === is.fontFamily && is.position === "static" };
      });
      assert.deepEqual(look, { ink: "rgba(0, 0, 0, 0)", same: true });
      await page.goto(installation.base + pages["event-new"]);
      await page.locator("#at").fill("2026-11-14T05:40");
    });
    await step("it saves as ever; nobody else is asked", async () => {
      await page.locator("#title").fill("The second gate stayed open");
      await page.getByRole("button", { name: "Add it" }).click();
      await page.waitForURL(/\/incidents\/INC-\d+\?done=event/);
    });
  });
});
