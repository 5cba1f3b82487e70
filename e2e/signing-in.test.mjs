// Ways in: a passphrase with a second factor, a passkey of a device that the browser plays, and ending a session.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { journey } from "./stage/browser.mjs";

const PASSPHRASE = "eleven wet lanterns on the quay";

/** What an authenticator program shows (RFC 6238) for a secret in base 32, `steps` from now. */
function shown(secret, steps = 0) {
  const bits = [...secret.replaceAll(" ", "")].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const sum = createHmac("sha1", key).update(step).digest();
  const number = sum.readUInt32BE(sum[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

test("a passkey, a second factor and a session that is ended", async (t) => {
  await journey(t, { demo: true }, async ({ installation, stage, step }) => {
    const ada = await stage.person("Ada");
    const { page } = ada;
    // Browsers have passkeys on this name and not on a number.
    const base = installation.base.replace("127.0.0.1", "localhost");
    const devices = await ada.context.newCDPSession(page);
    await devices.send("WebAuthn.enable");
    await devices.send("WebAuthn.addVirtualAuthenticator", {
      options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });

    let email;
    await step("in by the link, and a passphrase", async () => {
      await page.goto(base + new URL(installation.link).pathname);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.goto(`${base}/settings`);
      email = (await page.locator("main p.second").first().innerText()).match(/\S+@\S+?(?=,)/)[0];
      await page.goto(`${base}/settings/sign-in`);
      const field = page.getByLabel("A new one");
      await field.fill("eleven");
      await page.getByText("6 more characters").waitFor();
      await field.fill(PASSPHRASE);
      await page.getByText("Very good").waitFor();
      assert.equal(await field.getAttribute("type"), "password");
      await page.getByRole("button", { name: "Show what is typed" }).click();
      assert.deepEqual([await field.getAttribute("type"), await field.inputValue()], ["text", PASSPHRASE]);
      await page.getByRole("button", { name: "Hide what is typed" }).click();
      assert.equal(await field.getAttribute("type"), "password");
      await page.getByRole("button", { name: "Choose a passphrase" }).click();
      await page.getByText("The passphrase is changed").waitFor();
    });
    await step("a passkey is added and signs in", async () => {
      await page.getByLabel("What to call it").fill("this browser");
      await page.getByRole("button", { name: "Add a passkey" }).click();
      await page.getByText("The passkey is added").waitFor();
      await page.locator("details.me-menu summary").click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("button", { name: "Sign in with a passkey" }).click();
      await page.waitForURL(`${base}/incidents`);
      await page.goto(`${base}/settings/sessions`);
      assert.match(await page.locator(".sessions").innerText(), /Chrome on Linux.*this one[\s\S]*with a passkey/);
    });
    await step("a second factor is set up and asked for", async () => {
      await page.goto(`${base}/settings/sign-in`);
      await page.getByRole("button", { name: "Set up a second factor" }).click();
      const secret = await page.locator("#factor code").first().innerText();
      await page.getByLabel("The code it shows").fill(shown(secret));
      await page.getByRole("button", { name: "Turn it on" }).click();
      assert.equal(await page.locator(".codes li").count(), 10);
      const other = await stage.person("Ada elsewhere");
      await other.page.goto(`${base}/sign-in`);
      await other.page.getByLabel("Your e-mail address").fill(email);
      await other.page.getByLabel("Passphrase").fill(PASSPHRASE);
      await other.page.getByRole("button", { name: "Sign in", exact: true }).click();
      // The code of this half minute was used; the next is good already.
      await other.page.getByLabel("The code").fill(shown(secret, 1));
      await other.page.getByRole("button", { name: "Sign in" }).click();
      await other.page.waitForURL(`${base}/incidents`);

      await page.goto(`${base}/settings/sessions`);
      await page.getByRole("button", { name: "End all others" }).click();
      await page.getByText("All other sessions have ended").waitFor();
      await other.page.goto(`${base}/incidents`);
      assert.match(other.page.url(), /\/sign-in/);
    });
  });
});
