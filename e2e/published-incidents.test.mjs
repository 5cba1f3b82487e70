// Two incidents that others published, written down by hand, corrected, replayed, and measured as they state it.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { journey } from "./stage/browser.mjs";
import { signInByLink } from "./stage/browser.mjs";

const DATA = new URL("../../shared/data/incidents/", import.meta.url);
const KINDS = { "lead-up": "observation", communication: "update", "impact-start": "observation", impact: "observation", detection: "report", mitigation: "mitigation", resolution: "status", "follow-up": "action", trigger: "change", response: "action" };
const INSTANTS = { impact_start: "Impact starts", detected_at: "Detected", acknowledged_at: "Acknowledged", mitigated_at: "Mitigated", resolved_at: "Resolved" };

for (const { file, states, wrong } of [
  { file: "crates-io-2023-07-20-broken-downloads.json", states: { "Impact start to detected": "11 min", "Impact start to mitigated": "13 min", "Impact start to resolved": "13 min" }, wrong: 11 },
  { file: "gitlab-2017-01-31-database-outage.json", states: { "Impact start to detected": "0 s", "Impact start to mitigated": "17 h 30 min", "Impact start to resolved": "18 h 30 min" }, wrong: 12 },
]) {
  test(`${file} gets the durations that it states`, async (t) => {
    if (!existsSync(DATA)) return t.skip("no incidents of others beside the checkout (../shared/data)");
    const incident = JSON.parse(await readFile(new URL(file, DATA), "utf8"));
    await journey(t, { demo: true }, async ({ installation, stage, step }) => {
      const { page } = await stage.person("Ada", { timezoneId: "UTC" });
      await signInByLink(page, installation.link);
      const send = async (address, form) => {
        const response = await page.request.post(installation.base + address, { form, headers: { origin: installation.base, "sec-fetch-site": "same-origin" } });
        assert.ok(response.ok(), `${address}: ${response.status()} ${(await response.text()).slice(0, 300)}`);
        return response;
      };
      const here = await step("it is declared", async () => {
        const response = await send("/incidents", { title: incident.title.slice(0, 200), kind: "incident", severity: "1", services: incident.organisation });
        return new URL(response.url()).pathname;
      });
      await page.goto(installation.base + here);
      const zone = (at) => at.replace("Z", "");
      await step("its events are written down", async () => {
        for (const event of incident.timeline) {
          const precision = event.precision === "approximate" ? (/:00:00Z$/.test(event.time) ? "hour" : "five_minutes") : "minute";
          await send(`${here}/events`, { at: zone(event.time), precision, kind: KINDS[event.kind] ?? "observation", title: event.text.slice(0, 200), detail: event.text.length > 200 ? event.text : "" });
        }
        await page.reload();
        assert.equal(await page.locator("li.event[data-row]").count(), incident.timeline.length);
      });
      await step("one is corrected, and the correction undone", async () => {
        const row = page.locator("li.event[data-row]").nth(wrong);
        const before = await row.locator("h3").innerText();
        await page.goto(installation.base + (await row.locator("[data-row-edit]").getAttribute("href")));
        await page.getByLabel("What happened", { exact: true }).fill("In other words");
        await page.getByRole("button", { name: "Save" }).click();
        await page.locator("li.event h3", { hasText: "In other words" }).waitFor();
        await page.goto(`${installation.base}${here}/timeline/acts`);
        await page.getByRole("button", { name: /^Undo/ }).first().click();
        await page.waitForURL(/done=undone/);
        assert.equal(await page.locator("li.event[data-row]").nth(wrong).locator("h3").innerText(), before);
      });
      await step("key instants are chosen", async () => {
        await page.goto(`${installation.base}${here}/measures`);
        for (const [key, label] of Object.entries(INSTANTS)) {
          const at = incident.answers[key];
          if (!at) continue;
          const name = key.replace(/_at$/, "");
          const clock = new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: "UTC" }).format(new Date(at)) + ` ${at.slice(11, 16)}`;
          const line = page.locator(`#${name}`);
          await line.locator("summary").click();
          const wanted = line.locator("select[name=event] option", { hasText: clock }).last();
          await line.locator("select[name=event]").selectOption(await wanted.getAttribute("value"));
          await line.getByLabel("Why").fill("Stated in the post-mortem");
          await line.getByRole("button", { name: "Choose" }).click();
          await page.locator(`#${name}.has`).waitFor();
          assert.match(await page.locator(`#${name}`).innerText(), new RegExp(`${label}[\\s\\S]*Stated in the post-mortem`));
        }
      });
      await step("the durations are the stated ones", async () => {
        for (const [label, words] of Object.entries(states)) {
          const found = page.locator("dl.measures > div", { has: page.locator("dt", { hasText: new RegExp(`^${label}$`) }) });
          assert.equal(await found.locator("b").innerText(), words, label);
        }
      });
      await step("it replays without hindsight", async () => {
        const start = incident.answers.impact_start;
        await page.goto(`${installation.base}${here}/replay?at=${encodeURIComponent(start)}`);
        const seen = incident.timeline.filter((event) => event.time <= start).length;
        assert.equal(await page.locator("main.replay li.event").count(), seen);
        const text = await page.locator("main").innerText();
        assert.ok(!text.includes("Impact starts") && !text.includes(incident.title), "no key instant, no title");
        await page.getByRole("link", { name: "Step on" }).click();
        assert.ok((await page.locator("main.replay li.event").count()) > seen);
        await page.goto(`${installation.base}${here}/replay/print`);
        assert.equal(await page.locator("ol.scenes > li").count(), incident.timeline.length);
      });
    });
  });
}
