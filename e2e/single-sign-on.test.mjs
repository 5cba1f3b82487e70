// Single sign-on with a real provider: set up, signed in, groups that change, signed out in both directions, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, journey } from "./stage/browser.mjs";
import { demoPages } from "./stage/pages.mjs";
import { CLIENT, IdentityProvider, SECRET } from "./stage/provider.mjs";

/** Signs in at the provider, which asks unless it still knows the browser. */
async function enter(page, base, path = "/sign-in") {
  await page.goto(base + path);
  await page.getByRole("link", { name: "Sign in with Larkfare ID" }).click();
  const go = page.getByRole("button", { name: /^Go on as/ });
  await page.waitForURL((url) => url.pathname.startsWith("/interaction/") || url.origin === base);
  if (await go.count()) await go.click();
  await page.waitForURL((url) => url.origin === base);
}

/** What the people page says about somebody. */
async function role(page, base, name) {
  await page.goto(`${base}/settings/people`);
  return page.getByLabel(`What ${name} may do`, { exact: true }).inputValue();
}

test("single sign-on with a real provider", async (t) => {
  const provider = await IdentityProvider.begin();
  try {
    await journey(t, { demo: true, more: ["--outbound-allow", provider.host] }, async ({ installation, stage, step }) => {
      const { base } = installation;
      provider.knows(base);
      const ada = await stage.person("Ada");
      const { page } = ada;
      const wren = await stage.person("Wren");
      // What is refused comes with a status that the browser notes as well.
      wren.allowed.push(/Failed to load resource: the server responded with a status of 4\d\d/);

      await step("an administrator sets it up", async () => {
        await page.goto(installation.link);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.goto(`${base}/settings/single-sign-on`);
        await page.getByLabel("What people call it").fill("Larkfare ID");
        await page.getByLabel("Its address (issuer)").fill(`${provider.issuer}/wrong`);
        await page.getByLabel("Client ID").fill(CLIENT);
        await page.getByLabel("Client secret").fill(SECRET);
        await page.getByLabel("Scopes beside openid").fill("profile email groups");
        await page.getByLabel("get an account at their first sign-in").check();
        await page.getByLabel("Groups of administrators").fill("leads");
        await page.getByLabel("Groups of members").fill("sre\nplatform");
        await page.getByLabel("Everybody else").selectOption("reader");
      });
      await step("an address that does not answer is refused, and a good one is kept", async () => {
        ada.allowed.push(/status of 422/);
        await page.getByRole("button", { name: "Save and offer it" }).click();
        await page.getByText(/Nothing was saved/).waitFor();
        await page.getByLabel("Its address (issuer)").fill(provider.issuer);
        // A secret does not come back in a page; everything else does.
        assert.equal(await page.getByLabel("Client secret").inputValue(), "");
        await page.getByLabel("Client secret").fill(SECRET);
        await page.getByRole("button", { name: "Save and offer it" }).click();
        await page.getByText("Saved. Whoever signs in next").waitFor();
        assert.equal(await page.getByLabel("Client secret").inputValue(), "");
        assert.equal(await page.getByLabel("Groups of members").inputValue(), "sre\nplatform");
      });
      await step("somebody new comes in, and goes on to where they wanted", async () => {
        provider.person.groups = ["sre"];
        await enter(wren.page, base, "/sign-in?next=%2Ffollow-ups");
        assert.equal(new URL(wren.page.url()).pathname, "/follow-ups");
        await wren.page.goto(`${base}/settings/sessions`);
        assert.match(await wren.page.locator(".sessions").innerText(), /by single sign-on/);
        assert.equal(await role(page, base, "Wren Okafor"), "member");
      });
      await step("signing out here leads to signing out there", async () => {
        await wren.page.locator("details.me-menu summary").click();
        await wren.page.getByRole("button", { name: "Sign out" }).click();
        await wren.page.getByRole("heading", { name: "You are signed out" }).waitFor();
        await wren.page.getByRole("link", { name: "Sign out of Larkfare ID" }).click();
        await wren.page.waitForURL(`${provider.issuer}/**`);
        await wren.page.getByRole("button", { name: /yes/i }).click();
        await wren.page.waitForURL(`${base}/signed-out`);
      });
      await step("another group there is another role here at the next sign-in", async () => {
        provider.person.groups = ["something else"];
        await enter(wren.page, base);
        assert.equal(await role(page, base, "Wren Okafor"), "reader");
      });
      await step("signing out there ends the session here, and closes the document that is open", async () => {
        provider.person.groups = ["platform"];
        const { writing } = await demoPages(page, base);
        await wren.context.clearCookies({ name: "debrief_session" });
        await enter(wren.page, base, `/sign-in?next=${encodeURIComponent(writing)}`);
        await wren.page.getByText(/^Saved/).waitFor();
        // In another tab of the same browser, as from another program of the organisation.
        const tab = await wren.context.newPage();
        await tab.goto(`${provider.issuer}/session/end`);
        await tab.getByRole("button", { name: /yes/i }).click();
        await eventually(async () => {
          assert.deepEqual(provider.refused, []);
          const answer = await wren.context.request.get(`${base}/follow-ups`, { maxRedirects: 0 });
          return answer.status() === 303;
        }, "the session ends");
        await wren.page.getByText(/You are signed out\. What you wrote is kept here/).waitFor();
        await tab.close();
      });
      await step("an answer is good once, in the browser that asked", async () => {
        let answer = null;
        const remember = (request) => {
          if (request.url().includes("/sign-in/provider/answer?")) answer = request.url();
        };
        wren.page.on("request", remember);
        await enter(wren.page, base);
        wren.page.off("request", remember);
        assert.match(answer, /code=.*state=/);
        for (const context of [wren.context, (await stage.person("Mallory")).context]) {
          const again = await context.request.get(answer, { maxRedirects: 0 });
          assert.equal(again.status(), 422);
          assert.match(await again.text(), /begun in another browser, was used before/);
        }
        // A sign-in of somebody else, put into this browser.
        const begun = await wren.context.request.get(`${base}/sign-in/provider`, { maxRedirects: 0 });
        assert.equal(begun.status(), 303);
        const state = new URL(answer);
        state.searchParams.set("state", "made-up");
        const forged = await wren.context.request.get(state.href, { maxRedirects: 0 });
        assert.equal(forged.status(), 422);
      });
      await step("a forged word of signing out ends nothing", async () => {
        const forged = await fetch(`${base}/sign-out/provider`, { method: "POST", body: new URLSearchParams({ logout_token: "eyJhbGciOiJub25lIn0.e30." }) });
        assert.equal(forged.status, 400);
        assert.deepEqual(await forged.json(), { error: "invalid_request" });
        await wren.page.goto(`${base}/follow-ups`);
        assert.equal(new URL(wren.page.url()).pathname, "/follow-ups");
      });
      await step("whoever was deactivated stays outside", async () => {
        await page.goto(`${base}/settings/people`);
        const row = page.getByRole("row", { name: /^Wren Okafor/ });
        await row.getByText("Close or reset").click();
        await row.getByRole("button", { name: "Close the account of Wren Okafor" }).click();
        await page.getByText("The account is closed").waitFor();
        await enter(wren.page, base);
        await wren.page.getByText("Your account here is closed").waitFor();
        await wren.page.goto(`${base}/incidents`);
        assert.equal(new URL(wren.page.url()).pathname, "/sign-in");
      });
      await step("what happened is on record, without a secret", async () => {
        await page.goto(`${base}/settings/audit`);
        const said = await page.locator("main").innerText();
        for (const words of ["set single sign-on", "was linked by single sign-on", "ended sessions because the provider"]) assert.ok(said.includes(words), words);
        assert.ok(!said.includes(SECRET) && !installation.log.includes(SECRET));
      });
    });
  } finally {
    await provider.end();
  }
});

test("single sign-on by settings, and an invitation that asks for no passphrase", async (t) => {
  const provider = await IdentityProvider.begin();
  const settings = { issuer: provider.issuer, client: CLIENT, secret: SECRET, label: "Larkfare ID", only: "true" };
  const more = Object.entries(settings).flatMap(([name, value]) => [`--single-sign-on-${name}`, value]);
  try {
    await journey(t, { demo: true, more: ["--outbound-allow", provider.host, ...more] }, async ({ installation, stage, step }) => {
      const { base } = installation;
      provider.knows(base);
      const { page } = await stage.person("Ada");
      const wren = await stage.person("Wren");
      wren.allowed.push(/Failed to load resource: the server responded with a status of 4\d\d/);
      await step("the page shows what the settings say, and changes nothing", async () => {
        await page.goto(installation.link);
        await page.getByRole("button", { name: "Sign in" }).click();
        await page.goto(`${base}/settings/single-sign-on`);
        await page.getByText("The settings of this installation say how people sign in").waitFor();
        assert.equal(await page.getByLabel("Its address (issuer)").inputValue(), provider.issuer);
        assert.equal(await page.getByLabel("Client secret").inputValue(), "");
        assert.equal(await page.getByRole("button", { name: /^(Save|Remove)/ }).count(), 0);
      });
      await step("who was not invited stays outside", async () => {
        await enter(wren.page, base);
        await wren.page.getByText("nobody here has your address").waitFor();
      });
      await step("an invitation leads to the provider, and is used by that", async () => {
        await page.goto(`${base}/settings/people`);
        await page.getByLabel("Their name").fill("Wren");
        await page.getByLabel("Their e-mail address").fill(provider.person.email);
        await page.getByRole("button", { name: "Make the invitation" }).click();
        const link = (await page.locator("main").innerText()).match(/https?:\/\/\S+\/links\/\S+/)[0];
        await wren.page.goto(link);
        assert.equal(await wren.page.locator("input[type=password]").count(), 0);
        await enter(wren.page, base, new URL(link).pathname);
        assert.equal(new URL(wren.page.url()).pathname, "/incidents");
        await wren.page.goto(link);
        await wren.page.getByRole("heading", { name: "This link is over" }).waitFor();
      });
    });
  } finally {
    await provider.end();
  }
});
