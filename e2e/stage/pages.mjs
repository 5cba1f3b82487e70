// The addresses of an installation filled with the demo stories, found by looking, so that stories may change.
import { eventually, signInByLink } from "./browser.mjs";

/** One page of each kind: what it is called in pictures, and where it is. */
export async function demoPages(page, base) {
  await page.goto(`${base}/incidents`);
  const numbers = await page.locator("tr[data-row] .id").allInnerTexts();
  const [incident] = numbers;
  const published = await firstNumber(page, `${base}/postmortems`, 'section[aria-labelledby="out"]');
  const draft = await firstNumber(page, `${base}/postmortems`, 'section[aria-labelledby="going"]');
  const of = published ?? draft ?? incident;
  const hrefs = async (address, selector) => {
    await page.goto(base + address);
    return page.locator(selector).first().getAttribute("href");
  };
  const event = await hrefs(`/incidents/${of}`, "[data-row-edit]");
  const evidence = await hrefs(`/incidents/${of}/evidence`, "li.piece a[data-row-link]");
  const service = await aService(page, base);
  return {
    incidents: "/incidents",
    "incidents-none": "/incidents?words=nothing+goes+by+this",
    incident: `/incidents/${of}`,
    "incident-new": "/incidents/new",
    "incident-change": `/incidents/${of}/edit`,
    "event-new": `/incidents/${of}/events/new`,
    "event-change": event,
    "event-history": `${event}/history`,
    measures: `/incidents/${of}/measures`,
    "timeline-acts": `/incidents/${of}/timeline/acts`,
    clocks: `/incidents/${of}/clocks`,
    coordination: `/incidents/${of}/coordination`,
    replay: `/incidents/${of}/replay`,
    storyboard: `/incidents/${of}/replay/print`,
    "people-of-it": `/incidents/${of}/people`,
    accounts: `/incidents/${of}/accounts`,
    evidence: `/incidents/${of}/evidence`,
    "evidence-piece": evidence,
    import: `/incidents/${of}/import`,
    "import-new": "/imports/new",
    library: "/postmortems",
    reading: `/postmortems/${published ?? of}`,
    writing: `/postmortems/${draft ?? of}/edit`,
    owner: `/postmortems/${draft ?? of}/owner`,
    versions: `/postmortems/${of}/versions`,
    version: `/postmortems/${of}/versions/1`,
    changes: `/postmortems/${of}/versions/1..now`,
    "follow-ups": "/follow-ups",
    settings: "/settings",
    people: "/settings/people",
    language: "/settings/language",
    "own-sign-in": "/settings/sign-in",
    proof: "/settings/proof",
    sessions: "/settings/sessions",
    tokens: "/settings/tokens",
    teams: "/settings/teams",
    services: "/settings/services",
    service,
    audit: "/settings/audit",
    "look-into": "/settings/look-into",
    "service-accounts": "/settings/service-accounts",
    sources: "/settings/sources",
    "single-sign-on": "/settings/single-sign-on",
    "signed-out": "/signed-out",
    received: "/settings/deliveries",
    palette: "/palette?page=1",
    "not-here": "/incidents/INC-99999",
  };
}

/** A service with somebody on call; made where there is none. */
async function aService(page, base) {
  const link = page.locator('main a[href^="/settings/services/"]').first();
  await page.goto(`${base}/settings/services`);
  if ((await link.count()) === 0) {
    await page.locator("#name").fill("Ticket gates");
    await page.locator('form[action="/settings/services"] button').click();
    await page.goto(`${base}/settings/services`);
  }
  const address = await link.getAttribute("href");
  await page.goto(base + address);
  await page.getByText("Write down who is on call").click();
  await page.locator("#person").selectOption({ index: 1 });
  await page.locator("#from").fill("2026-01-05T09:00");
  await page.locator('form[action$="/duties"] button').click();
  return address;
}

async function firstNumber(page, address, shelf) {
  await page.goto(address);
  const found = page.locator(`${shelf} .id`).first();
  return (await found.count()) > 0 ? (await found.innerText()).trim() : null;
}

/** Two people of the stories, signed in, and the address of the draft that they write together. */
export async function twoPeople(stage, installation) {
  const ada = await stage.person("Ada");
  const ben = await stage.person("Ben");
  await signInByLink(ada.page, installation.link);
  const { writing: address } = await demoPages(ada.page, installation.base);
  const me = await ada.page.locator(".who-am-i b").textContent();
  await signInByLink(ben.page, await installation.linkForAnother(me));
  return { ada, ben, address };
}

/** From the form with files to “It is in”; `look` does what is to be chosen on the way. */
export async function bringIn(page, files, look = async () => undefined) {
  await page.getByLabel("Files").setInputFiles(files);
  await page.getByRole("button", { name: "Look at the files" }).click();
  await page.getByRole("heading", { name: "What is to come in?" }).waitFor();
  await look();
  await page.getByRole("button", { name: "Bring it in" }).click();
  await page.getByRole("heading", { name: "It is in" }).waitFor();
}

/** Waits until fonts are there, the document is open and its blocks have come: nothing moves any more. */
export async function settled(page) {
  await page.evaluate(() => document.fonts.ready);
  if ((await page.locator("collab-editor[editable]").count()) > 0) {
    await page.locator("collab-editor.is-open").waitFor();
    await eventually(() => page.evaluate(() => [...document.querySelectorAll(".live-block > div")].every((body) => body.hasChildNodes())), "the blocks of the document");
    await page.locator("collab-editor[data-situation=saved]").waitFor();
  }
}
