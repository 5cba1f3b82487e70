// Browsers with people in front of them. Every complaint of a page is a failure of the journey.
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { chromium } from "playwright-core";

const OUT = new URL("../out/", import.meta.url);

/** Long enough for a machine that compiles at the same time; nothing waits for it to pass. */
const PATIENCE_MS = 30_000;

/** Complaints that are known and harm nobody. */
const KNOWN = [
  // ProseMirror says so when a node view without inline content is clicked between two blocks.
  /TextSelection endpoint not pointing into a node with inline content/,
];

/** What a browser says about a line that is cut. Only a journey that cuts the line allows it. */
export const LINE_IS_CUT = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_NETWORK_CHANGED|WebSocket connection to .* failed/;

export class Stage {
  #browser;
  #people = [];

  static async open() {
    const stage = new Stage();
    stage.#browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
    });
    return stage;
  }

  /** A browser profile of its own with one page; `options` are playwright's for a context. */
  async person(name, options = {}) {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, timezoneId: "Europe/Amsterdam", locale: "en-GB", colorScheme: "light", acceptDownloads: true, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    const person = { name, context, page: null, heard: [], complaints: [], allowed: [] };
    const watch = (page) => {
      const complain = (words) => {
        person.heard.push(words);
        if (![...KNOWN, ...person.allowed].some((pattern) => pattern.test(words))) person.complaints.push(words);
      };
      page.on("pageerror", (error) => complain(`page error: ${error.stack ?? error.message}`));
      page.on("console", (message) => {
        const words = `${message.type()}: ${message.text()} (${message.location().url})`;
        if (["error", "warning"].includes(message.type())) complain(words);
        else person.heard.push(words);
      });
    };
    context.on("page", watch);
    person.page = await context.newPage();
    this.#people.push(person);
    return person;
  }

  /** Forgets the complaints that a test provoked on purpose; answers how many there were. */
  forgive(pattern) {
    let many = 0;
    for (const person of this.#people) {
      many += person.complaints.filter((words) => pattern.test(words)).length;
      person.complaints = person.complaints.filter((words) => !pattern.test(words));
    }
    return many;
  }

  /** Fails when any page complained. */
  assertQuiet() {
    for (const { name, complaints } of this.#people) assert.deepEqual(complaints, [], `the pages of ${name} complained`);
  }

  /** Pictures and words of every page, for whoever looks into a failure. */
  async keepTraces(title, extra) {
    await mkdir(OUT, { recursive: true });
    const stem = title.toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60);
    for (const { name, context, heard } of this.#people) {
      for (const [index, page] of context.pages().entries()) {
        const file = `${stem}-${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${index}`;
        await page.screenshot({ path: new URL(`${file}.png`, OUT).pathname, timeout: 5_000 }).catch(() => undefined);
        await writeFile(new URL(`${file}.html`, OUT), await page.content().catch(() => ""));
      }
      await writeFile(new URL(`${stem}-${name.toLowerCase()}.log`, OUT), heard.join("\n"));
    }
    await writeFile(new URL(`${stem}-server.log`, OUT), extra);
  }

  async close() {
    await this.#browser.close();
  }
}

/**
 * Runs one journey in an installation of its own; keeps traces when it fails, ends what it began in any case.
 * `play` gets { installation, stage, step }; a step's name stands before the message of what fails in it.
 */
export async function journey(t, { demo = false, more = [] }, play) {
  const { Installation } = await import("./installation.mjs");
  const installation = await Installation.begin({ demo, more });
  let stage = null;
  try {
    stage = await Stage.open();
    const step = async (name, act) => {
      const began = performance.now();
      try {
        const result = await act();
        t.diagnostic(`${name} (${Math.round(performance.now() - began)} ms)`);
        return result;
      } catch (error) {
        error.message = `${name}: ${error.message}`;
        error.stack = `${name}: ${error.stack}`;
        throw error;
      }
    };
    await play({ installation, stage, step });
    stage.assertQuiet();
  } catch (error) {
    await stage?.keepTraces(t.name, installation.log);
    throw error;
  } finally {
    await stage?.close();
    await installation.end();
  }
}

/** Waits until `read` gives something true; the condition is asked again, no time has to pass. */
export async function eventually(read, what, patience = PATIENCE_MS) {
  const until = performance.now() + patience;
  let last;
  while (performance.now() < until) {
    try {
      last = await read();
    } catch (error) {
      // The page went to another address while it was read: ask the next one.
      if (!/Execution context was destroyed|navigat/i.test(error.message)) throw error;
      last = null;
    }
    if (last) return last;
    await new Promise((go) => setTimeout(go, 25));
  }
  assert.fail(`${what} did not come true; last seen: ${JSON.stringify(last)}`);
}

/** Signs in by the link the program printed for its demo stories. */
export async function signInByLink(page, link) {
  await page.goto(link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL(/\/incidents/);
}
