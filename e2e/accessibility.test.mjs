// axe-core on every page of the demo, light and dark, wide and narrow; and no page scrolls sideways.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { journey, signInByLink } from "./stage/browser.mjs";
import { demoPages, settled } from "./stage/pages.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const WIDTHS = [1440, 360];
/** The page that says that something is not here is one of those tried. */
const NOT_HERE = /status of 404 .*INC-99999/;

test("no page has a barrier that axe-core finds", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    ada.allowed.push(NOT_HERE);
    const { page } = ada;
    const signIn = await audit(page, installation, { "sign-in": "/sign-in", link: new URL(installation.link).pathname });
    await signInByLink(page, installation.link);
    const pages = await demoPages(page, installation.base);
    const found = await step("axe-core", () => audit(page, installation, pages));
    assert.deepEqual([...signIn, ...found], []);
  });
});

test("no page scrolls sideways: 320, 360, and 1440 at twice its size", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    ada.allowed.push(NOT_HERE);
    const { page } = ada;
    await signInByLink(page, installation.link);
    const pages = { ...(await demoPages(page, installation.base)), "sign-in": "/sign-in" };
    const wide = [];
    await step("measured", async () => {
      for (const [name, address] of Object.entries(pages)) {
        await page.goto(installation.base + address);
        await settled(page);
        for (const width of [320, 360, 720]) {
          await page.setViewportSize({ width, height: 800 });
          const over = await page.evaluate(() => {
            const room = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= room) return null;
            const widest = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > room + 1).map((one) => `${one.tagName.toLowerCase()}.${one.getAttribute("class") ?? ""}`);
            return `${document.documentElement.scrollWidth} px: ${widest.slice(0, 4).join(", ")}`;
          });
          if (over) wide.push(`${name} at ${width}: ${over}`);
        }
      }
    });
    assert.deepEqual(wide, []);
  });
});

/** Everything axe-core objects to, as one line each. */
async function audit(page, { base }, pages) {
  const found = [];
  for (const colorScheme of ["light", "dark"]) {
    // Before the page comes: a colour on its way to another has a contrast of its own.
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [name, address] of Object.entries(pages)) {
      await page.goto(base + address);
      await settled(page);
      await page.evaluate(AXE);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const { violations } = await page.evaluate((values) => window.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }), TAGS);
        for (const { id, nodes, help } of violations) found.push(`${name}, ${width}, ${colorScheme}: ${id} (${help}) in ${nodes.slice(0, 3).map(where).join("; ")}`);
      }
    }
  }
  return found;
}

/** The element and why, from axe-core's words. */
function where({ target, any, all, none }) {
  return `${target.join(" ")} [${(any[0] ?? all[0] ?? none[0])?.message ?? ""}]`;
}
