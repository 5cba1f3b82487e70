// SCREENSHOTS=1 draws docs/pictures anew from the demo stories: each page wide and light, wide and dark, narrow.
import assert from "node:assert/strict";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { journey, signInByLink } from "./stage/browser.mjs";
import { demoPages, settled } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";
import { zip } from "./stage/zip.mjs";

const PLACE = new URL("../docs/pictures/", import.meta.url);
const VIEWS = [
  { suffix: "1440-light", width: 1440, height: 800, colorScheme: "light" },
  { suffix: "1440-dark", width: 1440, height: 800, colorScheme: "dark" },
  { suffix: "360-light", width: 360, height: 720, colorScheme: "light" },
];
const MOST_BYTES = 200_000;

test("the pictures of the documentation", { skip: process.env.SCREENSHOTS ? false : "SCREENSHOTS=1 draws them" }, async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage }) => {
    await mkdir(PLACE, { recursive: true });
    const { page } = await stage.person("Ada", { reducedMotion: "reduce" });
    await draw(page, "sign-in", `${installation.base}/sign-in`);
    await signInByLink(page, installation.link);
    const pages = await demoPages(page, installation.base);
    const told = await longest(page, installation.base, 'section[aria-labelledby="out"]');
    const draft = await longest(page, installation.base, 'section[aria-labelledby="going"]');
    Object.assign(pages, { incident: `/incidents/${told}`, reading: `/postmortems/${told}`, evidence: `/incidents/${told}/evidence`, writing: `/postmortems/${draft}/edit` });
    for (const name of ["incidents", "incident", "reading", "follow-ups", "evidence"]) await draw(page, name, installation.base + pages[name]);

    await page.goto(`${installation.base}/incidents/${told}/import`);
    await page.getByLabel("Files").setInputFiles(await storyExport(installation.folder));
    await page.getByRole("button", { name: "Look at the files" }).click();
    await page.getByRole("heading", { name: "What is to come in?" }).waitFor();
    await draw(page, "import", page.url());

    // Two people in one document, as it is meant to be.
    const me = await page.locator(".who-am-i b").textContent();
    const ben = await stage.person("Ben");
    await signInByLink(ben.page, await installation.linkForAnother(me));
    await ben.page.goto(installation.base + pages.writing);
    await writing.opened(ben.page);
    await page.goto(installation.base + pages.writing);
    await writing.opened(page);
    const section = (await writing.headings(page)).find((title) => title === "Contributors") ?? (await writing.headings(page)).at(-1);
    await writing.newLine(ben.page, section);
    await writing.type(ben.page, "We should say what each of us could see at that moment.");
    await draw(page, "writing", installation.base + pages.writing, async () => {
      await page.locator(".caret").first().waitFor({ state: "attached" });
      await page.evaluate((section) => {
        const heading = [...document.querySelectorAll(".writing h2")].find((one) => one.textContent.trim() === section);
        scrollTo(0, heading.getBoundingClientRect().top + scrollY - 190);
      }, section);
      await page.locator(".outline [aria-current]", { hasText: section }).waitFor({ state: "attached" });
    });
  });
});

/** The number of the longest document on a shelf of the library. */
async function longest(page, base, shelf) {
  await page.goto(`${base}/postmortems`);
  let best = { number: null, length: -1 };
  for (const number of await page.locator(`${shelf} .id`).allInnerTexts()) {
    await page.goto(`${base}/postmortems/${number.trim()}`);
    const { length } = await page.locator("article .prose > p").allInnerTexts();
    if (length > best.length) best = { number: number.trim(), length };
  }
  return best.number;
}

/** The chat of all demo stories as one workspace export. */
async function storyExport(folder) {
  const stories = new URL("../data/stories/", import.meta.url);
  const files = new Map([["channels.json", []], ["users.json", []]]);
  for (const name of (await readdir(stories)).sort()) {
    const text = await readFile(new URL(`${name}/slack.json`, stories), "utf8").catch(() => null);
    if (text === null) continue;
    const { channel, messages } = JSON.parse(text);
    if (!files.get("channels.json").some(({ id }) => id === channel.id)) files.get("channels.json").push({ ...channel, created: 1_700_000_000, members: [] });
    for (const message of messages) {
      const file = `${channel.name}/${new Date(Number(message.ts) * 1000).toISOString().slice(0, 10)}.json`;
      files.set(file, [...(files.get(file) ?? []), message]);
    }
  }
  const path = join(folder, "brackholm-slack-export.zip");
  await writeFile(path, zip([...files].map(([name, body]) => [name, JSON.stringify(body)])));
  return path;
}

async function draw(page, name, address, ready) {
  for (const { suffix, width, height, colorScheme } of VIEWS) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.goto(address);
    await settled(page);
    await ready?.();
    const path = fileURLToPath(new URL(`${name}-${suffix}.png`, PLACE));
    await page.screenshot({ path, animations: "disabled" });
    const { size } = await stat(path);
    assert.ok(size <= MOST_BYTES, `${name}-${suffix}.png has ${size} bytes`);
  }
}
