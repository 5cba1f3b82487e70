// Somebody writes with an input method: words are composed before they are said. Marks wait for that, stand where they stood,
// and no letter is doubled or lost, in a plain field and in the document, as everybody sees it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";
import { demoPages, twoPeople } from "./stage/pages.mjs";
import * as writing from "./stage/writing.mjs";

/** An input method, played by the browser's own protocol. */
async function inputMethod(page) {
  const cdp = await page.context().newCDPSession(page);
  return {
    /** Shows each of these as what is being composed, one after another. */
    async compose(...stages) {
      for (const text of stages) {
        await cdp.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
      }
    },
    /** Ends composing with these words. */
    say: (text) => cdp.send("Input.insertText", { text }),
    /** Ends composing with nothing. */
    giveUp: () => cdp.send("Input.imeSetComposition", { text: "", selectionStart: 0, selectionEnd: 0 }),
  };
}

/** Longer than any pause after which words are read: what is asked too early would be asked by then. */
const rest = (page) => page.evaluate(() => new Promise((go) => setTimeout(go, 1_500)));

/** What the page asked the server about words, each time. */
function asking(page, path) {
  const asked = [];
  page.on("request", (request) => {
    if (path.test(new URL(request.url()).pathname)) asked.push(request.postData());
  });
  return asked;
}

/** A sentence on a line of its own, composed whole: there is no second mark before it is said, and one after that. */
async function composeAnother(page, hands, shows) {
  await page.keyboard.press("Enter");
  await hands.compose("It was hum", "It was human err");
  await rest(page);
  await shows(["careless"]);
  await hands.say("It was human error.");
  await shows(["careless", "human error"]);
}

test("composing in a plain field", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { page } = await stage.person("Ada");
    await signInByLink(page, installation.link);
    const pages = await demoPages(page, installation.base);
    const asked = asking(page, /^\/language$/);
    const detail = page.locator("#detail");
    const marked = () => page.locator(".aid-layer .aid-mark").allTextContents();
    const shows = (words) => eventually(async () => JSON.stringify(await marked()) === JSON.stringify(words), `lines under ${JSON.stringify(words)}`);
    const says = async (words) => assert.equal(await detail.inputValue(), words);
    const hands = await inputMethod(page);
    await step("a mark stands", async () => {
      await page.goto(installation.base + pages["event-new"]);
      await detail.focus();
      await page.keyboard.type("The crew was careless on the quay that night. ", { delay: 8 });
      await shows(["careless"]);
    });
    await step("what is being composed is not read, and the mark stays under its words", async () => {
      const before = asked.length;
      await hands.compose("k", "か", "かn", "かん", "かんj", "かんじ");
      await rest(page);
      assert.equal(asked.length, before, "nothing is asked while words are composed");
      await shows(["careless"]);
      await says("The crew was careless on the quay that night. かんじ");
      await hands.say("漢字");
      await eventually(() => asked.length === before + 1, "what was said is read once");
      assert.ok(asked.at(-1).includes("漢字"));
      await says("The crew was careless on the quay that night. 漢字");
      await shows(["careless"]);
    });
    await step("composing before a mark moves it along", async () => {
      await detail.press("Control+Home");
      await hands.compose("´");
      await hands.say("é");
      await says("éThe crew was careless on the quay that night. 漢字");
      await hands.compose("と", "とき");
      await shows(["careless"]);
      await hands.say("時 ");
      await says("é時 The crew was careless on the quay that night. 漢字");
      await shows(["careless"]);
    });
    await step("composing that is given up leaves nothing", async () => {
      await detail.press("Control+End");
      await hands.compose("は", "はん");
      await hands.giveUp();
      await says("é時 The crew was careless on the quay that night. 漢字");
      await shows(["careless"]);
    });
    await step("a sentence that is composed whole is asked about once it is said", async () => {
      await composeAnother(page, hands, shows);
      await says("é時 The crew was careless on the quay that night. 漢字\nIt was human error.");
    });
    await step("going back takes whole pieces and doubles nothing, and forth brings them again", async () => {
      const whole = await detail.inputValue();
      for (let back = 0; back < 6; back++) {
        await page.keyboard.press("Control+z");
        assert.ok(!/漢字.*漢字|careless.*careless|かんじ漢字/.test(await detail.inputValue()), await detail.inputValue());
      }
      assert.notEqual(await detail.inputValue(), whole, "something was taken back");
      for (let forth = 0; forth < 30 && (await detail.inputValue()) !== whole; forth++) await page.keyboard.press("Control+Shift+z");
      await says(whole);
      await shows(["careless", "human error"]);
    });
  });
});

test("composing in a document that somebody else has open", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { ada, ben, address } = await twoPeople(stage, installation);
    const { page } = ada;
    for (const one of [ada, ben]) {
      await one.page.goto(installation.base + address);
      await writing.opened(one.page);
    }
    const asked = asking(page, /\/postmortems\/.*\/language$/);
    const marks = page.locator(".writing .aid-mark");
    const shows = (words) => eventually(async () => JSON.stringify(await marks.allTextContents()) === JSON.stringify(words), `lines under ${JSON.stringify(words)}`);
    const line = (one) => one.page.locator(".writing p", { hasText: "careless" }).evaluate((p) => {
      const copy = p.cloneNode(true);
      for (const caret of copy.querySelectorAll(".caret")) caret.remove();
      return copy.textContent.replace(/[\u2060\u200b\ufeff]/g, "");
    });
    const says = async (words) => {
      for (const one of [ada, ben]) await eventually(async () => (await line(one)) === words, `“${words}” is what ${one === ada ? "Ada" : "Ben"} reads`);
    };
    const hands = await inputMethod(page);
    await step("a mark stands", async () => {
      await writing.newLine(page, "Summary");
      await writing.type(page, "The crew was careless on the quay that night. ");
      await shows(["careless"]);
      await says("The crew was careless on the quay that night. ");
    });
    await step("a mark moves with what somebody else writes above and below", async () => {
      await writing.newLine(ben.page, "Summary");
      await writing.type(ben.page, "Above everything.");
      await writing.newLine(ben.page, "Learnings");
      await writing.type(ben.page, "Ben writes on.");
      await writing.shows(page, "Ben writes on.");
      await shows(["careless"]);
    });
    await step("what is being composed is not read", async () => {
      const before = asked.length;
      await hands.compose("k", "か", "かn", "かん");
      await hands.compose("かんj", "かんじ");
      await rest(page);
      assert.equal(asked.length, before, "nothing is asked while words are composed");
      await shows(["careless"]);
      await hands.say("漢字");
      await says("The crew was careless on the quay that night. 漢字");
      await eventually(() => asked.length > before, "what was said is read");
      await shows(["careless"]);
    });
    await step("composing before a mark moves it along", async () => {
      await page.keyboard.press("Home");
      await hands.compose("´");
      await hands.say("é");
      await hands.compose("と", "とき");
      await hands.say("時 ");
      await says("é時 The crew was careless on the quay that night. 漢字");
      await shows(["careless"]);
    });
    await step("composing that is given up leaves nothing", async () => {
      await page.keyboard.press("End");
      await hands.compose("は", "はん");
      await hands.giveUp();
      await says("é時 The crew was careless on the quay that night. 漢字");
    });
    await step("a sentence that is composed whole is asked about once it is said", async () => {
      await composeAnother(page, hands, shows);
      await writing.shows(ben.page, "It was human error.");
    });
    await step("going back takes what she wrote and nothing of Ben's, and forth brings it again", async () => {
      const whole = await line(ada);
      for (let back = 0; back < 30 && (await writing.count(page, "careless")) > 0; back++) {
        await page.keyboard.press("Control+z");
        assert.ok((await writing.count(page, "careless")) <= 1 && (await writing.count(page, "漢字")) <= 1, await writing.text(page));
      }
      assert.equal(await writing.count(page, "careless"), 0);
      assert.equal(await writing.count(page, "Ben writes on."), 1);
      assert.equal(await writing.count(page, "Above everything."), 1);
      await shows([]);
      for (let forth = 0; forth < 30 && (await writing.count(page, "human error")) === 0; forth++) await page.keyboard.press("Control+Shift+z");
      await says(whole);
      await shows(["careless", "human error"]);
      await writing.saved(page);
    });
  });
});
