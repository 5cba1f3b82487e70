// What we ship for editors: the extension of VS Code starts the language server, the one of Zed says what Zed asks, and
// the set-ups of the documentation name the same command.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";

const root = new URL("../", import.meta.url);
const read = (file) => readFile(new URL(file, root), "utf8");
const BINARY = process.env.DEBRIEF_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/debrief/target"), "debug/debrief");
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DEBRIEF_")));

/** Speaks to a process as VS Code's client does over standard input and output; resolves to the answer to one request. */
async function ask(child, method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  let bytes = Buffer.alloc(0);
  for await (const piece of child.stdout) {
    bytes = Buffer.concat([bytes, piece]);
    const head = bytes.indexOf("\r\n\r\n");
    if (head < 0) continue;
    const length = Number(/Content-Length: (\d+)/i.exec(bytes.subarray(0, head).toString())[1]);
    if (bytes.length >= head + 4 + length) return JSON.parse(bytes.subarray(head + 4, head + 4 + length).toString());
  }
  throw new Error("the server ended without an answer");
}

/** Stands in for the client of VS Code: starts what it is told to start, the way `vscode-languageclient` does. */
class Client {
  static made = [];
  constructor(id, name, server, options) {
    Object.assign(this, { id, name, server, options });
    Client.made.push(this);
  }
  async start() {
    // A transport that is named would add an argument of its own.
    assert.deepEqual(Object.keys(this.server).sort(), ["args", "command"]);
    // What else may lie in the path of this machine is not started.
    if (this.server.command !== BINARY) return;
    this.child = spawn(this.server.command, this.server.args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((go) => this.child.once("exit", go));
    this.answer = await ask(this.child, "initialize", { processId: null, rootUri: null, capabilities: {} });
  }
  async stop() {
    this.child.stdin.end();
    await this.ended;
  }
}

/** Loads the extension with stand-ins for the modules that only VS Code has. */
async function load(set) {
  const asked = [];
  const modules = {
    vscode: { workspace: { getConfiguration: (part) => ({ get: (name) => (asked.push(`${part}.${name}`), set) }) } },
    "vscode-languageclient/node": { LanguageClient: Client },
  };
  const exports = {};
  vm.runInNewContext(await read("packaging/vscode/extension.js"), { exports, require: (name) => modules[name] ?? assert.fail(name) });
  return { ...exports, asked };
}

test("the manifest for VS Code says what VS Code asks", async () => {
  const manifest = JSON.parse(await read("packaging/vscode/package.json"));
  for (const name of ["name", "version", "publisher"]) assert.match(manifest[name], /^[a-z0-9][a-z0-9.-]*$/, name);
  assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
  assert.match(manifest.engines.vscode, /^\^1\.\d+\.\d+$/);
  await read(join("packaging/vscode", manifest.main));
  // Whatever the client is told to read wakes the extension.
  const { activate, deactivate } = await load(BINARY);
  await activate();
  const { options } = Client.made.at(-1);
  await deactivate();
  assert.deepEqual(manifest.activationEvents, [...options.documentSelector].map((language) => `onLanguage:${language}`));
  // A folder that somebody opens must not choose a program to run.
  const setting = manifest.contributes.configuration.properties["debrief.command"];
  assert.deepEqual([setting.type, setting.default, setting.scope], ["string", "debrief", "machine"]);
  assert.match(manifest.dependencies["vscode-languageclient"], /^\d+\.\d+\.\d+$/, "one version, and no other");
});

test("the extension for VS Code starts `debrief lsp` over standard input and output", async () => {
  const { activate, deactivate, asked } = await load(BINARY);
  await activate();
  const client = Client.made.at(-1);
  assert.deepEqual(asked, ["debrief.command"]);
  assert.deepEqual([client.server.command, ...client.server.args], [BINARY, "lsp"]);
  const { capabilities } = client.answer.result;
  assert.ok(capabilities.textDocumentSync !== undefined && capabilities.codeActionProvider, JSON.stringify(capabilities));
  await deactivate();
  assert.equal(client.child.exitCode ?? client.child.signalCode, 0, "it ends when the editor does");
});

test("without a setting the program of the path is taken, and leaving before the start harms nothing", async () => {
  const { activate, deactivate } = await load("");
  assert.equal(await deactivate(), undefined);
  await activate();
  assert.equal(Client.made.at(-1).server.command, "debrief");
});

test("the extension for Zed and the set-ups of the documentation name the same command", async () => {
  const [manifest, source, docs] = [await read("packaging/zed/extension.toml"), await read("packaging/zed/extension.rs"), await read("docs/language.md")];
  for (const line of ['id = "debrief"', "schema_version = 1", "[language_servers.debrief]", 'languages = ["Markdown"]']) assert.ok(manifest.includes(line), line);
  for (const words of ['which("debrief")', 'vec!["lsp".into()]', "register_extension!"]) assert.ok(source.includes(words), words);
  for (const words of ['cmd = { "debrief", "lsp" }', 'command = "debrief"', 'args = ["lsp"]', '"language_servers": ["debrief", "..."]', "packaging/vscode", "packaging/zed"]) assert.ok(docs.includes(words), words);
});

test("what the manifests name is there for whoever installs them", async () => {
  const { version } = createRequire(import.meta.url)("../packaging/vscode/package.json");
  const zed = /^version = "(.*)"$/m.exec(await read("packaging/zed/extension.toml"))[1];
  const cargo = /^version = "(.*)"$/m.exec(await read("packaging/zed/Cargo.toml"))[1];
  assert.deepEqual([zed, cargo], [version, version]);
});
