// What a page weighs over the wire with an empty cache: a measurement, not a test. `node e2e/weight.mjs`
import { Stage, signInByLink } from "./stage/browser.mjs";
import { Installation } from "./stage/installation.mjs";
import { demoPages, settled } from "./stage/pages.mjs";

const installation = await Installation.begin({ demo: true });
const stage = await Stage.open();
try {
  const first = await stage.person("first");
  await signInByLink(first.page, installation.link);
  const pages = { ...(await demoPages(first.page, installation.base)) };
  const state = await first.context.storageState();
  console.log("page               document  styles  script   fonts  other   total KB (as transferred)");
  for (const [name, address] of Object.entries({ ...pages, "sign-in": "/sign-in" })) {
    // A profile of its own: nothing is in its cache.
    const { context, page } = await stage.person(name, { storageState: name === "sign-in" ? undefined : state });
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    const kinds = new Map();
    const sums = { Document: 0, Stylesheet: 0, Script: 0, Font: 0, Other: 0 };
    session.on("Network.responseReceived", ({ requestId, type }) => kinds.set(requestId, type));
    session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
      const kind = kinds.get(requestId) ?? "Other";
      sums[kind in sums ? kind : "Other"] += encodedDataLength;
    });
    await page.goto(installation.base + address, { waitUntil: "load" });
    await settled(page);
    const kb = (bytes) => (bytes / 1000).toFixed(1).padStart(7);
    const total = Object.values(sums).reduce((sum, bytes) => sum + bytes, 0);
    console.log(`${name.padEnd(18)} ${Object.values(sums).map(kb).join(" ")} ${kb(total)}`);
    await context.close();
  }
} finally {
  await stage.close();
  await installation.end();
}
