// A product tells of an incident by itself: signed, repeated, in the wrong order; people see it become a timeline.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { eventually, journey, signInByLink } from "./stage/browser.mjs";

const SECRET = "lantern on the quay";

/** A webhook of PagerDuty (version 3) about one incident. */
function event(id, kind, at, data = {}) {
  const incident = { id: "PQGATES", type: "incident", title: "Gates refuse tickets at the north hall", status: "triggered", created_at: "2026-11-14T05:45:00Z", service: { id: "PSVC", summary: "Ticket gates" } };
  const about = kind === "annotated" ? { ...data, type: "incident_note", incident: { id: incident.id, summary: incident.title } } : { ...incident, status: kind };
  return JSON.stringify({ event: { id, event_type: `incident.${kind}`, resource_type: "incident", occurred_at: at, agent: { type: "user_reference", summary: "Wren Okafor" }, data: about } });
}

async function send(address, body, secret) {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const answer = await fetch(address, { method: "POST", headers: { "content-type": "application/json", "x-pagerduty-signature": `v1=${signature}` }, body });
  return answer.status;
}

test("webhooks become the timeline of an incident", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const { page } = await stage.person("Ada", { timezoneId: "UTC" });
    await signInByLink(page, installation.link);

    const address = await step("an administrator makes an address", async () => {
      await page.goto(`${installation.base}/settings`);
      await page.getByRole("link", { name: "Sources" }).click();
      await page.getByLabel("Which product sends?").selectOption("PagerDuty");
      await page.getByLabel("What is it called?").fill("North hall");
      await page.getByLabel(/^Secret/).fill(SECRET);
      await page.getByLabel(/may begin by it/).check();
      await page.getByRole("button", { name: "Make the address" }).click();
      const shown = (await page.locator(".fresh code").innerText()).trim();
      assert.match(shown, /\/hooks\/pagerduty\/hook_[\w-]{43}$/);
      await page.goto(`${installation.base}/settings/sources`);
      assert.equal(await page.getByText(shown).count(), 0, "it is shown once");
      return shown;
    });

    await step("the product sends: out of order, one twice, one signed by somebody else", async () => {
      const acknowledged = event("01E2", "acknowledged", "2026-11-14T05:47:10Z");
      assert.equal(await send(address, acknowledged, SECRET), 202);
      assert.equal(await send(address, event("01E1", "triggered", "2026-11-14T05:45:00Z"), SECRET), 202);
      assert.equal(await send(address, acknowledged, SECRET), 202);
      assert.equal(await send(address, event("01E9", "resolved", "2026-11-14T05:46:00Z"), "another secret"), 403);
      assert.equal(await send(address, event("01E3", "annotated", "2026-11-14T05:55:00Z", { id: "PNOTE", content: "Rolled the gates back to key 6, tickets pass again." }), SECRET), 202);
      assert.equal(await send(address, event("01E4", "resolved", "2026-11-14T06:02:00Z"), SECRET), 202);
      assert.equal(await send(address, "{\"event\": {", SECRET), 202, "stored, whatever it is");
    });

    const incident = await step("the page of what was received says what became of each", async () => {
      await page.goto(`${installation.base}/settings/deliveries`);
      await eventually(async () => {
        await page.reload();
        return (await page.locator(".received tbody tr").count()) === 6 && (await page.getByText("It waits to be read").count()) === 0;
      }, "everything is read");
      assert.equal(await page.getByText("Nothing new: it was known before.").count(), 1);
      await page.getByRole("link", { name: "Not understood" }).click();
      assert.equal(await page.locator(".received tbody tr").count(), 1);
      await page.getByRole("link", { name: "Brought in" }).click();
      const links = await page.locator(".received tbody a[href^='/incidents/']").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
      assert.equal(new Set(links).size, 1, "one incident");
      return links[0];
    });

    await step("what was not understood is kept in the incident by hand", async () => {
      await page.goto(`${installation.base}/settings/deliveries?status=failed`);
      await page.getByLabel("Bring it into").fill(incident.split("/").at(-1));
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByText("It was looked at again.").waitFor();
    });

    await step("the timeline tells it in order", async () => {
      await page.goto(installation.base + incident);
      await page.getByRole("heading", { name: "Gates refuse tickets at the north hall" }).first().waitFor();
      const titles = await page.locator("li.event[data-row] h3").allInnerTexts();
      const at = (words) => titles.findIndex((title) => title.includes(words));
      assert.ok(at("Rolled the gates back to key 6") > 0, titles.join(" | "));
      assert.ok(titles.findIndex((title) => /cknowledged/.test(title)) < at("Rolled the gates back"), titles.join(" | "));
      assert.equal(titles.filter((title) => /gates refuse/i.test(title)).length, 1, titles.join(" | "));
      await page.goto(`${installation.base}${incident}/evidence`);
      // Four told, the incident as the first to come described it, and what was kept as it came.
      assert.equal(await page.locator("li.piece").count(), 6, (await page.locator("li.piece").allInnerTexts()).join(" / "));
    });
  });
});
