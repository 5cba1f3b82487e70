// Everything by keyboard, with the focus to be seen and given back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { demoPages, settled } from "./stage/pages.mjs";

/** What has the focus, in a form that reads well in a failure. */
const focused = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    return at ? `${at.tagName.toLowerCase()}${at.id ? `#${at.id}` : ""}${at.className && typeof at.className === "string" ? `.${at.className.split(" ").join(".")}` : ""}` : "";
  });

/** True when the focused element shows it: an outline, a shadow, or a border unlike the one without focus. */
const focusShows = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    if (!at || at === document.body) return true;
    // The button that opens the browser's calendar lies inside the field and draws the browser's own ring.
    if (at.matches("input[type=datetime-local], input[type=date]") && !at.matches(":focus-visible")) return true;
    const drawn = (element, pseudo) => {
      const style = getComputedStyle(element, pseudo);
      return (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
    };
    return drawn(at) || drawn(at, "::before") || drawn(at, "::after") || (at.parentElement !== null && at.parentElement.matches(":focus-within") && drawn(at.parentElement));
  });

test("a hand that never leaves the keyboard gets everywhere", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { page } = await stage.person("Ada");
    await signInByLink(page, installation.link);
    const pages = await demoPages(page, installation.base);
    const open = async (address) => {
      await page.goto(installation.base + address);
      await settled(page);
    };

    await step("the skip link is the first stop and leads to the page", async () => {
      await open(pages.incidents);
      await page.keyboard.press("Tab");
      assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the page");
      assert.ok(await page.evaluate(() => document.activeElement.getBoundingClientRect().top >= 0), "the skip link can be seen");
      await page.keyboard.press("Enter");
      await page.waitForURL(/#main$/);
      await page.keyboard.press("Tab");
      assert.ok(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)), `the next stop is inside the page, not ${await focused(page)}`);
    });

    await step("j, k and Enter go through the list", async () => {
      await open(pages.incidents);
      const current = () => page.locator("[data-row].is-current [data-row-link]").innerText();
      const all = await page.locator("[data-row] [data-row-link]").allInnerTexts();
      await page.keyboard.press("j");
      assert.equal(await current(), all[0]);
      assert.ok(await focusShows(page), "the current row can be seen");
      await page.keyboard.press("j");
      assert.equal(await current(), all[1]);
      await page.keyboard.press("k");
      assert.equal(await current(), all[0]);
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/incidents\/INC-\d+$/);
      await page.getByRole("heading", { level: 1, name: all[0] }).waitFor();
    });

    await step("j, k and e go through the timeline", async () => {
      await page.keyboard.press("j");
      await page.keyboard.press("j");
      await page.keyboard.press("e");
      await page.waitForURL(/\/events\//);
    });

    await step("arrows go through the picture, Enter to the event in the list, o back", async () => {
      await open(pages.incident);
      await page.locator("[data-overview]").focus();
      await page.keyboard.press("ArrowRight");
      const mark = () => page.evaluate(() => document.activeElement.closest("svg a")?.getAttribute("href") ?? "");
      const first = await mark();
      assert.match(first, /^#e-/);
      assert.ok(await focusShows(page), "the mark can be seen");
      await page.keyboard.press("ArrowRight");
      assert.notEqual(await mark(), first);
      await page.keyboard.press("Home");
      assert.equal(await mark(), first);
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.hash === first);
      assert.equal(await page.evaluate(() => `#${document.activeElement.id}`), first, "the event has the focus");
      await page.keyboard.press("o");
      assert.equal(await mark(), first);
    });

    await step("two events are chosen and hidden at once", async () => {
      await open(pages.incident);
      const bar = page.locator("#bulk");
      const hidden = () => page.locator("li.event.hidden").count();
      const before = await hidden();
      const choose = async (...which) => {
        for (const n of which) {
          await page.locator("li.event[data-row] .pick input").nth(n).focus();
          await page.keyboard.press("Space");
        }
      };
      assert.ok(!(await bar.isVisible()), "nothing is chosen");
      await choose(0);
      assert.ok(await bar.isVisible(), "one is chosen");
      await choose(0);
      assert.ok(!(await bar.isVisible()), "none is chosen any more");
      const words = await page.locator("li.event[data-row] h3").evaluateAll((all) => all.slice(0, 2).map((one) => one.textContent));
      await choose(0, 1);
      await bar.getByRole("button", { name: "Hide" }).focus();
      await page.keyboard.press("Enter");
      await page.waitForURL(/done=/);
      const left = await page.locator("li.event[data-row] h3").allTextContents();
      assert.ok(words.every((one) => !left.includes(one)), `hidden: ${words}`);
      assert.equal(await hidden(), before);
    });

    await step("the rooms have keys", async () => {
      for (const [key, room] of [["l", /\/postmortems$/], ["f", /\/follow-ups$/], ["i", /\/incidents$/]]) {
        await page.keyboard.press("g");
        await page.keyboard.press(key);
        await page.waitForURL(room);
        await settled(page);
      }
    });

    await step("? lists the keys, Escape gives the focus back", async () => {
      await open(pages.incidents);
      const link = page.getByRole("link", { name: "Library" });
      await link.focus();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keys" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "hidden" });
      assert.ok(await link.evaluate((one) => one === document.activeElement), `the focus is at ${await focused(page)}`);
    });

    await step("Ctrl K finds an incident and opens it; Escape gives the focus back", async () => {
      await open(pages.incidents);
      const link = page.getByRole("link", { name: "Follow-ups" });
      await link.focus();
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog", { name: "Find or do" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog", { name: "Find or do" }).waitFor({ state: "hidden" });
      assert.ok(await link.evaluate((one) => one === document.activeElement), `the focus is at ${await focused(page)}`);
      await page.keyboard.press("Control+k");
      const number = (await page.locator("[data-row] .id").nth(1).textContent()).trim();
      await page.keyboard.type(number);
      await eventually(() => page.locator("[role=option][aria-selected=true]", { hasText: number }).count(), "the incident is chosen");
      await page.keyboard.press("Enter");
      await page.waitForURL(new RegExp(`/${number}$`));
    });

    await step("every control of every page is a stop, and shows the focus", async () => {
      for (const [name, address] of Object.entries(pages)) {
        if (name === "not-here") continue;
        await open(address);
        await everyControlIsAStop(page, name);
      }
    });
  });
});

/** Walks the page by Tab from its beginning and compares with what could have the focus. */
async function everyControlIsAStop(page, name) {
  const wanted = await page.evaluate(() => {
    const all = [...document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary)")];
    // A group of radio buttons is one stop; what is folded away or carried along is none.
    const stops = all.filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.type !== "hidden" && one.tabIndex >= 0 && !(one.type === "radio" && !one.checked) && !one.closest("[contenteditable=true]"));
    for (const [index, one] of stops.entries()) one.dataset.stop = String(index);
    return stops.length;
  });
  const reached = new Set();
  const hiddenFocus = [];
  await page.evaluate(() => {
    document.activeElement?.blur();
    getSelection()?.removeAllRanges();
    document.body.tabIndex = -1;
    document.body.focus();
  });
  const limit = wanted + 400;
  for (let presses = 0; presses < limit && reached.size < wanted; presses += 1) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => ({ stop: document.activeElement?.dataset?.stop ?? null, inText: document.activeElement?.isContentEditable ?? false, over: document.activeElement === document.body }));
    // Tab belongs to the text inside it; Escape leaves it for the next stop.
    if (stop.inText) break;
    if (stop.over) break;
    if (stop.stop === null) continue;
    if (!(await focusShows(page))) hiddenFocus.push(await focused(page));
    reached.add(stop.stop);
  }
  assert.deepEqual(hiddenFocus, [], `on ${name} the focus cannot be seen`);
  if (name === "writing") return;
  const missed = await page.evaluate((reached) => [...document.querySelectorAll("[data-stop]")].filter((one) => !reached.includes(one.dataset.stop)).map((one) => one.outerHTML.slice(0, 120)), [...reached]);
  assert.deepEqual(missed, [], `on ${name} Tab does not reach everything`);
}
