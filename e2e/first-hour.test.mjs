// The first hour of somebody new: from an empty installation to a published post-mortem two people wrote.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LINE_IS_CUT, eventually, journey } from "./stage/browser.mjs";
import { bringIn } from "./stage/pages.mjs";
import { LEFT_OUT, writeRecords } from "./stage/records.mjs";
import * as writing from "./stage/writing.mjs";

const PASSPHRASE = "tidal kettle orbit ladder";

test("an empty installation becomes a published post-mortem", async (t) => {
  await journey(t, {}, async ({ installation, stage, step }) => {
    const records = await writeRecords(installation.folder);
    const ada = await stage.person("Ada");
    await setUp(ada.page, installation, step);
    await broughtIn(ada.page, installation, records, step);
    await timeline(ada.page, installation, step);
    await resolution(ada.page, step);
    const ben = await invite(ada.page, stage, installation, step);
    await writtenTogether(ada, ben, step);
    await richText(ada, ben, step);
    await offline(ada, ben, step);
    await ideas(ada.page, installation, step);
    await published(ada.page, installation, step);
  });
});

test("the records of others become a timeline", async (t) => {
  const data = new URL("../../shared/data/payloads/", import.meta.url);
  if (!existsSync(data)) return t.skip("no records of others beside the checkout (../shared/data)");
  const file = (name) => fileURLToPath(new URL(name, data));
  await journey(t, {}, async ({ installation, stage, step }) => {
    const { page } = await stage.person("Ada");
    await setUp(page, installation, step);
    await step("PagerDuty's own examples come in", async () => {
      await bringIn(page, ["incident", "log-entries", "incident-notes", "incident-alerts"].map((name) => file(`pagerduty/rest-example-${name}.json`)));
      await page.getByRole("link", { name: /^Open INC-/ }).first().click();
      assert.ok((await titles(page)).length > 0, "a timeline came out of them");
    });
    await step("a whole Slack export comes in, one channel of it", async () => {
      await page.goto(page.url().replace(/(INC-\d+).*/, "$1/import"));
      await bringIn(page, [file("slack/houstondatavis-slack-export.zip")], async () => {
        await page.getByRole("radio").first().check();
        for (const label of ["From", "To"]) await page.getByLabel(label, { exact: true }).fill("");
      });
      await page.getByRole("link", { name: /^Open INC-/ }).first().click();
      await page.locator("dl.facts", { hasText: "from Slack" }).waitFor();
    });
  });
});

async function setUp(page, installation, step) {
  await step("the set-up link makes the workspace", async () => {
    await page.goto(installation.link);
    await page.getByLabel("What is this place called?").fill("Tidewater");
    await page.getByLabel("Your name").fill("Ada Venn");
    await page.getByLabel("Your e-mail address").fill("ada@tidewater.example");
    await page.getByLabel("A passphrase").fill(PASSPHRASE);
    await page.getByRole("button", { name: "Begin" }).click();
    await page.waitForURL(/\/incidents/);
  });
  await step("the empty list says what to do", async () => {
    await page.getByRole("heading", { name: /best picture/ }).waitFor();
    await page.getByRole("main").getByRole("link", { name: /A PagerDuty export makes the incident/ }).click();
    await page.waitForURL("**/imports/new");
  });
}

async function broughtIn(page, installation, records, step) {
  await step("PagerDuty: seen before it is brought in", async () => {
    await bringIn(page, records.pagerduty, async () => {
      assert.ok(await page.getByRole("checkbox", { name: /Berth planner answers/ }).isChecked(), "the only incident is ticked");
    });
    await page.getByRole("link", { name: "Open INC-1" }).click();
    await page.getByRole("heading", { level: 1, name: /Berth planner answers with errors/ }).waitFor();
  });
  await step("Slack: the channel is chosen, and goes into the incident", async () => {
    await page.getByRole("main").getByRole("link", { name: "Bring records in" }).first().click();
    await bringIn(page, [records.slack], async () => {
      await page.getByRole("radio", { name: /#inc-berths/ }).check();
      await page.getByText(/7 messages/).waitFor();
    });
  });
  await step("bringing the same in again adds nothing", async () => {
    await page.goto(`${installation.base}/incidents/INC-1/import`);
    await bringIn(page, [records.slack], () => page.getByRole("radio", { name: /#inc-berths/ }).check());
    await page.getByText(/0 pieces of evidence are new/).waitFor();
    await page.getByRole("link", { name: "Open INC-1" }).click();
  });
}

const event = (page, words) => page.locator("li.event", { hasText: words }).first();
const titles = (page) => page.locator("li.event .what h3").allInnerTexts();

async function timeline(page, installation, step) {
  await step("every event says why it is there, and its evidence is one click away", async () => {
    const report = event(page, "shows every berth as taken");
    await report.getByText("Why is this here?").click();
    await report.getByText("Somebody pinned it.").waitFor();
    assert.equal(await page.locator("li.event:not(:has(a.evid))").count(), 0, "events without a way to their evidence");
    await report.locator("a.evid").first().click();
    await page.getByText("SHA-256 of the raw form").waitFor();
    await page.getByText('"pinned_to"').waitFor();
    await page.goBack();
  });
  await step("what no rule chose is found under evidence, and can be taken", async () => {
    assert.ok(!(await titles(page)).some((title) => title.includes(LEFT_OUT)), "small talk is not in the timeline");
    await page.getByRole("link", { name: /\d+ pieces/ }).click();
    await page.getByPlaceholder("Words, author or place").fill(LEFT_OUT);
    await page.keyboard.press("Enter");
    const piece = page.locator("li.piece", { hasText: LEFT_OUT });
    await piece.getByRole("button", { name: "Take into the timeline" }).click();
    await page.waitForURL(/incidents\/INC-1/);
    await page.goto(`${installation.base}/incidents/INC-1`);
    await event(page, LEFT_OUT).waitFor();
  });
  await step("an event is added, changed, and another put between", async () => {
    await page.getByRole("link", { name: "Add an event" }).first().click();
    await page.getByLabel("When").fill("2026-03-11T07:45:00");
    await page.getByLabel("What happened").fill("Harbour radio asks both ferries to wait");
    await page.getByLabel("What sort of event").selectOption("Action");
    await page.getByRole("button", { name: "Add it" }).click();
    await event(page, "both ferries to wait").getByText("Claimed, no evidence yet").waitFor();
    await event(page, "both ferries to wait").getByRole("link", { name: "Change" }).click();
    await page.getByLabel("More").fill("By voice, on channel 12.");
    await page.getByRole("button", { name: "Save" }).click();
    await event(page, "both ferries to wait").getByText("on channel 12").waitFor();

    await event(page, "both ferries to wait").getByRole("link", { name: "Add an event after this one" }).click();
    assert.match(await page.getByLabel("When").inputValue(), /T0[78]:4[5-9]|T0[78]:5/, "the instant between the two is filled in");
    await page.getByLabel("What happened").fill("The first ferry turns round");
    await page.getByRole("button", { name: "Add it" }).click();
    await event(page, "The first ferry turns round").waitFor();
    const order = (await titles(page)).map((title) => title.trim());
    const place = (words) => order.findIndex((title) => title.includes(words));
    assert.ok(place("both ferries to wait") < place("The first ferry") && place("The first ferry") < place("berths are free again"), `the order is ${order.join(" | ")}`);
  });
  await step("hidden events wait under Hidden and come back", async () => {
    await event(page, LEFT_OUT).hover();
    await event(page, LEFT_OUT).getByRole("button", { name: "Hide" }).click();
    await page.getByText("Hidden from the story").waitFor();
    assert.equal(await page.locator("li.event", { hasText: LEFT_OUT }).count(), 0);
    await page.getByRole("navigation", { name: "Show in the list" }).getByRole("link", { name: "Hidden 1" }).click();
    await event(page, LEFT_OUT).waitFor();
    assert.equal((await titles(page)).length, 1);
  });
  await step("the list is filtered, searched and turned round", async () => {
    await page.getByRole("link", { name: /^Decisions/ }).click();
    await eventually(async () => page.url().includes("decisions") && (await titles(page)).every((title) => /Decision/.test(title)), "only decisions");
    await page.getByRole("link", { name: /^Everything/ }).click();
    await page.getByPlaceholder("Words in the timeline").fill("ferr");
    await page.keyboard.press("Enter");
    await eventually(async () => (await titles(page)).length === 3, "three events with ferries");
    await page.goto(`${installation.base}/incidents/INC-1`);
    const forwards = await titles(page);
    await page.getByRole("link", { name: "Newest first" }).click();
    await page.getByRole("link", { name: "Oldest first" }).waitFor();
    assert.deepEqual(await titles(page), forwards.toReversed());
    await page.getByRole("link", { name: "Oldest first" }).click();
  });
  await step("a key instant is chosen by a person", async () => {
    await event(page, "shows every berth as taken").getByRole("link", { name: "Change" }).click();
    await page.getByLabel("This is when").selectOption("Impact starts");
    await page.getByLabel("Why this event").fill("The harbour office could not plan from here on.");
    await page.getByRole("button", { name: "Choose" }).click();
    await event(page, "shows every berth as taken").locator(".instant", { hasText: "Impact starts" }).waitFor();
    await page.getByText("Impact start to detected").waitFor();
    await page.locator("dl.facts").getByText(/^3 min/).waitFor();
  });
}

async function resolution(page, step) {
  await step("resolving begins the draft, with an owner", async () => {
    await page.getByRole("main").getByRole("link", { name: "Resolve" }).click();
    await page.getByLabel("When it ended").fill("2026-03-11T08:20:40");
    await page.getByLabel("Who looks after the post-mortem").selectOption("Ada Venn");
    await page.getByRole("button", { name: "Resolve and begin the draft" }).click();
    await page.getByText("The draft about it is ready").waitFor();
    await page.getByRole("link", { name: "Continue writing" }).click();
    await writing.opened(page);
    const found = await writing.headings(page);
    for (const one of ["Summary", "Timeline", "Contributors", "Mitigators", "Learnings", "Risks"]) assert.ok(found.includes(one), `no section ${one} in ${found.join(", ")}`);
    await page.locator(".live-block", { hasText: "Harbour office here" }).waitFor();
    await page.locator(".rail").getByText("Ada Venn").first().waitFor();
  });
}

async function invite(page, stage, installation, step) {
  return step("a second person comes by invitation", async () => {
    await page.goto(`${installation.base}/settings/people`);
    await page.getByLabel("Their name").fill("Ben Osei");
    await page.getByLabel("Their e-mail address").fill("ben@tidewater.example");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    const link = await page.locator("main code").first().innerText();
    const ben = await stage.person("Ben");
    await ben.page.goto(link);
    await ben.page.getByLabel("Your name").fill("Ben Osei");
    await ben.page.getByLabel("A passphrase").fill(PASSPHRASE);
    await ben.page.getByRole("button", { name: "Come in" }).click();
    await ben.page.waitForURL(/\/incidents/);
    for (const one of [page, ben.page]) {
      await one.goto(`${installation.base}/postmortems/INC-1/edit`);
      await writing.opened(one);
    }
    return ben;
  });
}

async function writtenTogether(ada, ben, step) {
  await step("two people see one another", async () => {
    await ada.page.locator("[data-presence]").getByText("Ben").first().waitFor();
    await ben.page.locator("[data-presence]").getByText("Ada").first().waitFor();
  });
  await step("they type at once in different sections", async () => {
    await writing.answer(ada.page, "Summary");
    await writing.answer(ben.page, "Learnings");
    const [first, second] = ["For an hour the planner saw no water in the harbour.", "A tide table has an end, and nothing asked about it."];
    await Promise.all([writing.type(ada.page, first), writing.type(ben.page, second)]);
    for (const { page } of [ada, ben]) {
      await writing.shows(page, first);
      await writing.shows(page, second);
    }
    await ada.page.locator(".caret", { hasText: "Ben" }).waitFor({ state: "attached" });
    await ben.page.locator(".caret", { hasText: "Ada" }).waitFor({ state: "attached" });
  });
  await step("they type at once in the same paragraph", async () => {
    await writing.cursorAfter(ada.page, "For an hour the planner saw no water in the harbour.");
    await writing.cursorAfter(ben.page, "For an hour");
    await Promise.all([writing.type(ada.page, " Two ferries waited outside."), writing.type(ben.page, " and eighteen minutes")]);
    const whole = "For an hour and eighteen minutes the planner saw no water in the harbour. Two ferries waited outside.";
    for (const { page } of [ada, ben]) await writing.shows(page, whole);
    for (const { page } of [ada, ben]) await writing.saved(page);
    for (const { page } of [ada, ben]) {
      await page.reload();
      await writing.opened(page);
      await writing.shows(page, whole);
      assert.equal(await writing.count(page, whole), 1, "once, not twice");
    }
  });
}

async function richText(ada, ben, step) {
  const { page } = ada;
  await step("the slash menu puts in a table and tasks", async () => {
    await writing.answer(page, "Risks");
    await writing.type(page, "/table");
    await page.getByRole("option", { name: /^Table/ }).waitFor();
    await page.keyboard.press("Enter");
    await page.locator(".writing table").waitFor();
    await writing.type(page, "Harbour");
    await page.keyboard.press("Tab");
    await writing.type(page, "Tide table ends");
    await ben.page.locator(".writing table", { hasText: "Tide table ends" }).waitFor();

    await writing.answer(page, "Mitigators");
    await writing.type(page, "/tasks");
    await page.getByRole("option", { name: /^Tasks/ }).waitFor();
    await page.keyboard.press("Enter");
    await writing.type(page, "Ask the tide office for next year");
    await ben.page.locator(".writing ul[data-type=taskList], .writing .task-list, .writing ul:has(input[type=checkbox])", { hasText: "Ask the tide office" }).first().waitFor();
  });
  await step("people and events are mentioned", async () => {
    await writing.answer(page, "Contributors");
    await writing.type(page, "Told by @Ben");
    await page.getByRole("option", { name: /Ben Osei/ }).waitFor();
    await page.keyboard.press("Enter");
    await writing.type(page, "after @Harbour off");
    await page.getByRole("option", { name: /Harbour office here/ }).waitFor();
    await page.keyboard.press("Enter");
    await ben.page.locator(".mention.to-person", { hasText: "@Ben Osei" }).waitFor();
    await ben.page.locator(".mention.to-event", { hasText: "Harbour office here" }).waitFor();
  });
  await step("undo takes back one's own words only", async () => {
    await writing.cursorAfter(ben.page, "nothing asked about it.");
    await writing.type(ben.page, " Ben's words stay.");
    await writing.shows(page, "Ben's words stay.");
    await writing.cursorAfter(page, "Two ferries waited outside.");
    await writing.type(page, " Ada's slip.");
    await writing.shows(ben.page, "Ada's slip.");
    await eventually(async () => {
      await page.keyboard.press("Control+z");
      return !(await writing.text(page)).includes("slip");
    }, "Ada's words gone");
    await eventually(async () => !(await writing.text(ben.page)).includes("slip"), "gone for Ben as well");
    for (const one of [page, ben.page]) await writing.shows(one, "Ben's words stay.");
    await writing.shows(page, "Two ferries waited outside.");
  });
}

async function offline(ada, ben, step) {
  await step("what is typed without a connection joins later", async () => {
    for (const person of [ada, ben]) person.allowed.push(LINE_IS_CUT);
    await ben.context.setOffline(true);
    await writing.cursorAfter(ben.page, "Ben's words stay.");
    await writing.type(ben.page, " Written on the ferry.");
    await ben.page.locator("[data-save-status]", { hasText: "No connection" }).waitFor({ timeout: 60_000 });
    await writing.cursorAfter(ada.page, "Two ferries waited outside.");
    await writing.type(ada.page, " Meanwhile on land.");
    await writing.saved(ada.page);
    assert.ok(!(await writing.text(ada.page)).includes("on the ferry"), "nothing arrives over a cut line");
    await ben.context.setOffline(false);
    for (const { page } of [ada, ben]) {
      await writing.shows(page, "Written on the ferry.");
      await writing.shows(page, "Meanwhile on land.");
    }
    await writing.saved(ben.page);
  });
}

async function ideas(page, installation, step) {
  await step("an idea is written down and rests", async () => {
    await page.reload();
    await writing.opened(page);
    const block = page.locator(".live-block", { hasText: "Ideas and follow-ups" }).first();
    if ((await block.count()) === 0) {
      await writing.answer(page, "Risks");
      await writing.type(page, "/ideas");
      await page.getByRole("option", { name: /Ideas and follow-ups/ }).waitFor();
      await page.keyboard.press("Enter");
    }
    await block.getByText("Add an idea").click();
    await block.getByLabel("What could be done").fill("Warn a week before a tide table ends");
    await block.getByRole("button", { name: "Let it rest" }).click();
    await page.getByText("The idea is written down and rests now.").waitFor();
  });
  await step("a promise before the rest is over is refused, with the instant at which it opens", async () => {
    await page.goto(`${installation.base}/follow-ups`);
    const idea = page.locator("li", { hasText: "Warn a week before" });
    await idea.waitFor();
    assert.equal(await idea.getByText("Promise it").count(), 0, "no promise is offered yet");
    const id = (await idea.getAttribute("id")).replace(/^f-/, "");
    const headers = { accept: "application/json", origin: installation.base };
    const people = await (await page.request.get(`${installation.base}/api/v1/people`, { headers })).json();
    const owner = (people.people ?? people.items ?? people)[0].id;
    const answer = await page.request.post(`${installation.base}/api/v1/follow-ups/${id}/commitment`, { headers, data: { owner, due: "2026-12-24T12:00:00Z" } });
    const body = await answer.text();
    assert.equal(answer.status(), 409, body);
    assert.match(body, /"opens_at":"20\d\d-\d\d-\d\dT/, "it says when it opens");
  });
}

async function published(page, installation, step) {
  await step("review, then published", async () => {
    await page.goto(`${installation.base}/postmortems/INC-1/edit`);
    await writing.opened(page);
    await page.getByRole("button", { name: /review/i }).click();
    await page.getByText("In review. Others read it now.").waitFor();
    await page.getByRole("button", { name: /^Publish/ }).click();
    await page.getByText("Published. It is in the library.").waitFor();
  });
  await step("the reading view has no form and no questions", async () => {
    await page.goto(`${installation.base}/postmortems/INC-1`);
    const article = page.locator("article");
    await article.getByText("Two ferries waited outside.").waitFor();
    assert.equal(await article.locator("input:not([type=checkbox][disabled]), textarea, select, button, form, .ask-block, [data-question]").count(), 0, "no form chrome");
    for (const words of ["Written on the ferry.", "Meanwhile on land.", "Tide table ends", "Ask the tide office", "@Ben Osei", "Warn a week before a tide table ends", "Harbour office here"]) {
      assert.ok((await article.innerText()).includes(words), `the reading view lacks “${words}”`);
    }
  });
  await step("Markdown and HTML hold what was written", async () => {
    for (const name of ["Markdown", "HTML file"]) {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
      const text = await readFile(await download.path(), "utf8");
      for (const words of ["Two ferries waited outside", "Written on the ferry", "Tide table ends", "Ask the tide office", "Ben Osei", "Warn a week before a tide table ends", "Harbour office here"]) {
        assert.ok(text.includes(words), `${download.suggestedFilename()} lacks “${words}”`);
      }
    }
  });
}
