// Somebody copies a hostile page and pastes it into a document: its words arrive, nothing of it runs, and no text becomes
// markup but by the policies that have a name (Trusted Types). What is pasted is first read in a document that is shown to
// nobody; the content security policy refuses handlers and styles there too, and browsers report that they were refused.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { demoPages } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

const corpus = (await readFile(new URL("../crates/debrief/tests/hostile-words.txt", import.meta.url), "utf8")).trimEnd().split("\n");
// Before each stands a word of its own: some of them swallow whatever comes behind.
const pieces = corpus.map((vector, n) => ({ word: `lantern${n}x`, html: `<p>lantern${n}x</p>${vector.replaceAll("{n}", `9${n}`)}` }));

/** What a page must not hold, wherever it came from. */
function dangersIn(root) {
  const found = [];
  for (const one of root.querySelectorAll("*")) {
    if (/^(script|iframe|object|embed|base|meta|link|style|form|math|frame|frameset|applet|xmp|plaintext|marquee|audio|video|input|select|template)$/i.test(one.tagName)) {
      // Fields of ours: the boxes of a list of tasks, and what the editor offers beside a block.
      if (!one.closest("[data-type=taskItem], .live-block, collab-tools")) found.push(one.outerHTML.slice(0, 120));
    }
    for (const { name, value } of one.attributes) {
      const plain = value.replace(/[\s\u0000-\u001f]/g, "").toLowerCase();
      if (name.startsWith("on") || name.startsWith("hx-") || name === "srcdoc" || /^(javascript|vbscript|data:text)/.test(plain)) found.push(`${name}=${value}`);
    }
  }
  return found;
}

test("what is pasted from a hostile page is words and nothing else", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    const { page, context } = ada;
    ada.allowed.push(/violates the following Content Security Policy directive.{0,4}(script-src|style-src|base-uri|default-src)/);
    const ran = [];
    context.on("dialog", (dialog) => {
      ran.push(dialog.message());
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!request.url().startsWith(installation.base) && !request.url().startsWith("data:")) ran.push(request.url());
    });
    await page.addInitScript(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", (event) => globalThis.violations.push({ directive: event.violatedDirective, disposition: event.disposition }));
    });
    await signInByLink(page, installation.link);
    const { writing: address } = await demoPages(page, installation.base);
    await page.goto(installation.base + address);
    await writing.opened(page);
    const paper = page.locator("collab-editor .writing[contenteditable]");
    const quiet = async (what) => {
      const violations = await page.evaluate(() => globalThis.violations);
      assert.deepEqual(violations.filter(({ directive }) => /trusted-types/.test(directive)), [], what);
      assert.ok(violations.every(({ disposition }) => disposition === "enforce"), "what is reported was refused");
      assert.deepEqual(ran, [], what);
      assert.deepEqual(await paper.evaluate(dangersIn), [], what);
    };
    await step("the guard is on", async () => {
      const refused = await page.evaluate(() => {
        try {
          document.createElement("p").innerHTML = "<b>x</b>";
          return "";
        } catch (error) {
          return error.name;
        }
      });
      assert.equal(refused, "TypeError", "text does not become markup by itself");
      await eventually(() => page.evaluate(() => globalThis.violations.splice(0).some(({ directive }) => /trusted-types/.test(directive))), "the report of a violation");
      assert.ok(stage.forgive(/TrustedHTML/) >= 1, "a violation is heard of, so silence means something");
    });

    await step(`${pieces.length} pieces are pasted`, async () => {
      await writing.newLine(page, "Summary");
      for (const { html, word } of pieces) {
        await paper.evaluate((root, html) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/html", html);
          clipboardData.setData("text/plain", "plain");
          root.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
        }, html);
        await writing.shows(page, word);
      }
      await quiet("after the pastes");
    });
    await step("and all at once, and dropped", async () => {
      await writing.newLine(page, "Learnings");
      const all = pieces.map(({ html }) => html.replaceAll("lantern", "candle")).join("");
      await paper.evaluate((root, html) => {
        const data = new DataTransfer();
        data.setData("text/html", html);
        root.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        const dropped = new DataTransfer();
        dropped.setData("text/html", "<p>torch0x</p><img src=x onerror=alert(1)><svg onload=alert(2)></svg><a href='javascript:alert(3)'>torch1x</a>");
        const onto = [...root.querySelectorAll("p")].find((one) => one.textContent.includes("candle1x"));
        onto.scrollIntoView({ block: "center" });
        const { left, top } = onto.getBoundingClientRect();
        root.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, clientX: left + 4, clientY: top + 4, bubbles: true, cancelable: true }));
      }, all);
      for (const word of ["candle0x", "torch0x", "torch1x"]) await writing.shows(page, word);
      await quiet("after the drop");
    });
    await step("a page is copied and pasted by the keys", async () => {
      const other = await context.newPage();
      await other.route("https://hostile.example/**", (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><p>beacon0x</p><p onclick=alert(1) style='position:fixed'>beacon1x</p><a href='javascript:alert(2)'>beacon2x</a><img src=x onerror='void 0'>" }));
      await other.goto("https://hostile.example/");
      await other.keyboard.press("Control+a");
      await other.keyboard.press("Control+c");
      await other.close();
      await page.bringToFront();
      await writing.newLine(page, "Summary");
      await page.keyboard.press("Control+v");
      for (const word of ["beacon0x", "beacon1x", "beacon2x"]) await writing.shows(page, word);
      await quiet("after the keys");
    });
    await step("it is kept, and harmless for whoever reads it", async () => {
      await writing.saved(page);
      await page.reload();
      await writing.opened(page);
      for (const { word } of pieces) await writing.shows(page, word);
      await quiet("in the editor, loaded again");
      await page.goto(installation.base + address.replace("/edit", ""));
      const main = page.locator("main");
      await eventually(async () => (await main.textContent()).includes(pieces.at(-1).word), "the last words on the page");
      assert.deepEqual(await page.evaluate(() => globalThis.violations), []);
      const links = await main.evaluate((root) => [...root.querySelectorAll("a[href]")].map((one) => one.getAttribute("href")).filter((to) => !/^(https?:|\/|#|mailto:)/.test(to)));
      assert.deepEqual(links, []);
      assert.deepEqual(ran, []);
    });
  });
});
