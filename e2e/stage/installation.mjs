// An installation of its own for every journey: the real binary, an empty folder, a free loopback port.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

const BINARY = process.env.DEBRIEF_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/debrief/target"), "debug/debrief");

/** How long a machine that is busy with other things may take to begin, in milliseconds. */
const START_MS = 60_000;

/** A port nobody listens on at this moment. */
export async function freePort() {
  const server = createServer();
  await new Promise((go, stop) => server.once("error", stop).listen(0, "127.0.0.1", go));
  const { port } = server.address();
  await new Promise((go) => server.close(go));
  return port;
}

/** The environment without anything that would configure the program behind the test's back. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DEBRIEF_")));
}

/** Runs one command of the program to its end; resolves to what it printed. */
export function run(args) {
  return new Promise((go, stop) => {
    const child = spawn(BINARY, args, { env: cleanEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (piece) => (out += piece));
    child.stderr.on("data", (piece) => (err += piece));
    child.once("error", stop);
    child.once("exit", (code) => (code === 0 ? go(out) : stop(new Error(`debrief ${args.join(" ")} ended with ${code}: ${err}`))));
  });
}

export class Installation {
  #child = null;
  /** What the program wrote, for the report of a failure. */
  log = "";

  constructor(folder, port, demo, more) {
    Object.assign(this, { folder, port, demo, more, base: `http://127.0.0.1:${port}` });
  }

  /** A new installation that answers. `demo` fills it with the stories; `more` are further arguments. */
  static async begin({ demo = false, more = [] } = {}) {
    const folder = await mkdtemp(join(tmpdir(), "debrief-journey-"));
    const installation = new Installation(folder, await freePort(), demo, more);
    await installation.start();
    return installation;
  }

  /** Starts the program and waits until it says where to go. */
  async start() {
    const args = ["serve", "--data-dir", join(this.folder, "data"), "--listen", `127.0.0.1:${this.port}`, ...(this.demo ? ["--demo"] : []), ...this.more];
    const child = (this.#child = spawn(BINARY, args, { env: cleanEnvironment(), stdio: ["ignore", "pipe", "pipe"] }));
    child.stderr.on("data", (piece) => (this.log += piece));
    await new Promise((go, stop) => {
      const late = setTimeout(() => stop(new Error(`The program did not begin.\n${this.log}`)), START_MS);
      let said = "";
      child.once("error", stop);
      child.once("exit", (code) => stop(new Error(`The program ended with ${code} before it began.\n${this.log}`)));
      child.stdout.on("data", (piece) => {
        said += piece;
        this.log += piece;
        const link = /https?:\/\/\S+\/links\/\S+/.exec(said);
        if (!link && !said.includes("serves at")) return;
        this.link = link?.[0] ?? null;
        clearTimeout(late);
        go();
      });
    });
    // The line is printed before the first request is taken; answering is what counts.
    for (;;) {
      const answer = await fetch(`${this.base}/readyz`).catch(() => null);
      if (answer?.ok) return;
      if (child.exitCode !== null) throw new Error(`The program ended.\n${this.log}`);
    }
  }

  /** A sign-in link for somebody other than `name`, as an operator makes one. */
  async linkForAnother(name) {
    const place = ["--data-dir", join(this.folder, "data")];
    const lines = (await run(["user", "list", ...place])).split("\n").filter((line) => !line.includes(name));
    const email = lines.map((line) => /\S+@\S+/.exec(line)?.[0]).find(Boolean);
    return this.base + /\/links\/\S+/.exec(await run(["user", "link", email, ...place]))[0];
  }

  /** Ends this program and no other: `SIGTERM` lets it finish, `SIGKILL` is a power cut. */
  async stop(signal = "SIGTERM") {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((go) => child.once("exit", go));
    child.kill(signal);
    await gone;
  }

  /** Stops and leaves nothing behind. */
  async end() {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
