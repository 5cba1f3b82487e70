// Two incidents that others published, brought in as the files that tell them, confirmed, corrected, replayed, and
// measured as they state it. The files give every event and the key instants that their post-mortems state; by hand
// comes only `byHand`, which they tell without saying what it was.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { journey, signInByLink } from "./stage/browser.mjs";
import { bringIn } from "./stage/pages.mjs";

const DATA = new URL("../../shared/data/incidents/", import.meta.url);
const STATED = { impact_start: "impact_start", detected_at: "detected", acknowledged_at: "acknowledged", mitigated_at: "mitigated", resolved_at: "resolved" };
const MEASURED = { time_to_detect: "Impact start to detected", time_to_mitigate: "Impact start to mitigated", time_to_resolve: "Impact start to resolved", detect_to_resolve: "Detected to resolved" };

/** A length as pages say it, in minutes. */
const minutes = (words) => [...words.matchAll(/(\d+) (h|min|s)/g)].reduce((sum, [, many, unit]) => sum + Number(many) * { h: 60, min: 1, s: 1 / 60 }[unit], 0);

for (const { file, times, byHand, sayings, wrong } of [
  {
    file: "crates-io-2023-07-20-broken-downloads.json",
    times: { "Impact start to detected": "11 min", "Impact start to mitigated": "13 min", "Impact start to resolved": "13 min" },
    // An issue told of it before anybody of the team heard of it; the file tells of both and states only the second.
    byHand: { instant: "first_signal", event: "Issue #6850", then: ["First signal to detected", "4 min"] },
    sayings: { impact: ["Impact start to mitigated", "Impact start to resolved"], detection: ["Impact start to detected"] },
    wrong: { event: "The continuing request-per-second anomaly", then: ["Impact start to detected", "8 min"] },
  },
  {
    file: "gitlab-2017-01-31-database-outage.json",
    times: { "Impact start to detected": "0 s", "Impact start to mitigated": "17 h 30 min", "Impact start to resolved": "18 h 30 min" },
    // The file calls this event the trigger, and does not state it among its key instants.
    byHand: { instant: "trigger", event: "PostgreSQL secondary's replication process" },
    // “About 18 hours” lies between being mitigated and being resolved.
    sayings: { "GitLab.com down": ["Impact start to mitigated", "Impact start to resolved"] },
    wrong: { event: "Backup db1.staging.gitlab.com data", then: ["Impact start to detected", "1 h 6 min"] },
  },
]) {
  test(`${file} gets the durations that it states`, async (t) => {
    if (!existsSync(DATA)) return t.skip("no incidents of others beside the checkout (../shared/data)");
    const path = fileURLToPath(new URL(file, DATA));
    const incident = JSON.parse(await readFile(path, "utf8"));
    const stated = Object.entries(STATED).filter(([key]) => incident.answers[key]);
    await journey(t, { demo: true }, async ({ installation, stage, step }) => {
      const { page } = await stage.person("Ada", { timezoneId: "UTC" });
      await signInByLink(page, installation.link);
      const me = await page.locator(".who-am-i b").textContent();
      let here;
      const measures = () => page.goto(`${here}/measures`);
      const duration = (label) => page.locator("dl.measures > div", { has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) }).locator("b").innerText();
      /** Takes a key instant from the event that begins with these words. */
      const choose = async (instant, event, why) => {
        const line = page.locator(`#${instant}`);
        await line.locator("summary").click();
        const wanted = line.locator("select[name=event] option", { hasText: event });
        await line.locator("select[name=event]").selectOption(await wanted.getAttribute("value"));
        await line.getByLabel("Why").fill(why);
        await line.getByRole("button", { name: "Choose" }).click();
        await page.waitForURL(/done=/);
        await page.locator(`#${instant}.has`, { hasText: why }).waitFor();
      };
      const undo = async () => {
        await page.goto(`${here}/timeline/acts`);
        await page.getByRole("button", { name: /^Undo/ }).first().click();
        await page.waitForURL(/done=undone/);
      };
      await step("its file becomes an incident with every event", async () => {
        await page.goto(`${installation.base}/imports/new`);
        await bringIn(page, [path]);
        await page.getByRole("link", { name: /^Open INC-/ }).click();
        await page.getByRole("heading", { name: incident.title }).waitFor();
        here = page.url();
        assert.deepEqual(await page.locator("li.event[data-row] h3").evaluateAll((all) => all.map((one) => one.firstChild.textContent.trim())), incident.timeline.map((event) => event.text));
        assert.equal(await page.locator("li.event .about").count(), incident.timeline.filter((event) => event.precision === "approximate").length, "what is known roughly says so");
      });
      await step("what it states is proposed, each with its event, and confirmed by one button", async () => {
        await measures();
        for (const [, instant] of stated) assert.match(await page.locator(`#${instant}.has`).innerText(), /The file that was brought in states it\. Proposed by a rule; nobody confirmed it yet/);
        assert.equal(await page.locator(".keyed > li.has").count(), stated.length, "nothing that it does not state");
        await page.getByRole("button", { name: `Confirm all ${stated.length} that are proposed` }).click();
        await page.waitForURL(/done=instants/);
        for (const [key, instant] of stated) {
          const line = await page.locator(`#${instant}.has`).innerText();
          assert.ok(line.includes(`Decided by ${me}`) && line.includes(incident.answers[key].slice(11, 16)), line);
        }
        assert.equal(await page.getByRole("button", { name: /^Confirm/ }).count(), 0, "nothing is left to confirm");
      });
      const asStated = async () => {
        for (const [label, words] of Object.entries(times)) assert.equal(await duration(label), words, label);
      };
      await step("the durations are the stated ones", async () => {
        await asStated();
        for (const [name, label] of Object.entries(MEASURED)) assert.equal(minutes(await duration(label)), incident.answers.computed_minutes[name], label);
        for (const [what, between] of Object.entries(sayings)) {
          const said = incident.answers.stated_durations.find((one) => one.what === what).minutes;
          const ends = await Promise.all(between.map(async (label) => minutes(await duration(label))));
          assert.ok(Math.min(...ends) <= said && said <= Math.max(...ends), `“${what}” took ${said} minutes, between ${ends}`);
        }
      });
      await step("what it tells without stating it is chosen by hand", async () => {
        await choose(byHand.instant, byHand.event, "Read in the post-mortem");
        if (byHand.then) assert.equal(await duration(byHand.then[0]), byHand.then[1]);
        await asStated();
      });
      await step("a key instant that was taken from the wrong event is put right again", async () => {
        await choose("detected", wrong.event, "By mistake");
        assert.equal(await duration(wrong.then[0]), wrong.then[1], "the duration follows");
        await undo();
        await measures();
        await asStated();
        assert.match(await page.locator("#detected").innerText(), /The file that was brought in states it/);
      });
      await step("an event is put in other words, and the correction undone", async () => {
        await page.goto(here);
        const row = page.locator("li.event[data-row]", { hasText: wrong.event });
        await page.goto(installation.base + (await row.locator("[data-row-edit]").getAttribute("href")));
        await page.getByLabel("What happened", { exact: true }).fill("In other words");
        await page.getByRole("button", { name: "Save" }).click();
        await page.locator("li.event h3", { hasText: "In other words" }).waitFor();
        assert.equal(await row.count(), 0);
        await undo();
        await page.goto(here);
        assert.equal(await row.count(), 1);
      });
      await step("it replays without hindsight", async () => {
        const start = incident.answers.impact_start;
        await page.goto(`${here}/replay?at=${encodeURIComponent(start)}`);
        const seen = incident.timeline.filter((event) => event.time <= start).length;
        assert.equal(await page.locator("main.replay li.event").count(), seen);
        const text = await page.locator("main").innerText();
        assert.ok(!text.includes("Impact starts") && !text.includes(incident.title), "no key instant, no title");
        await page.getByRole("link", { name: "Step on" }).click();
        assert.ok((await page.locator("main.replay li.event").count()) > seen);
        await page.goto(`${here}/replay/print`);
        assert.equal(await page.locator("ol.scenes > li").count(), incident.timeline.length);
      });
    });
  });
}
