// The language server as an editor runs it: the real program over standard input and output. Where a Neovim of 0.11 or
// later is at hand (NVIM=path), its own client goes through the set-up of docs/language.md too; so does Vim 9 where the plug-in
// vim-lsp is (VIM_LSP=its folder).
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const BINARY = process.env.DEBRIEF_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(homedir(), ".cache/debrief/target"), "debug/debrief");
/** Nothing that would configure the program behind the test's back. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("DEBRIEF_")));
const uri = "file:///late-mail.md";

/** Speaks to a server: requests are answered by id, news are awaited by method. */
class Editor {
  constructor() {
    this.child = spawn(BINARY, ["lsp"], { env, stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((go) => this.child.once("exit", go));
    this.bytes = Buffer.alloc(0);
    this.heard = [];
    this.waiting = [];
    this.next = 1;
    this.child.stdout.on("data", (piece) => this.take(piece));
  }
  take(piece) {
    this.bytes = Buffer.concat([this.bytes, piece]);
    for (;;) {
      const head = this.bytes.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.bytes.subarray(0, head).toString())[1]);
      if (this.bytes.length < head + 4 + length) return;
      this.heard.push(JSON.parse(this.bytes.subarray(head + 4, head + 4 + length).toString()));
      this.bytes = this.bytes.subarray(head + 4 + length);
      this.waiting = this.waiting.filter((tell) => !tell());
    }
  }
  until(pleases) {
    return new Promise((go) => {
      const look = () => {
        const at = this.heard.findIndex(pleases);
        if (at < 0) return false;
        go(this.heard.splice(at, 1)[0]);
        return true;
      };
      if (!look()) this.waiting.push(look);
    });
  }
  say(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    // In two pieces, as pipes may cut it.
    this.child.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.child.stdin.write(body);
  }
  async ask(method, params) {
    const id = this.next++;
    this.say({ id, method, params });
    return (await this.until((message) => message.id === id)).result;
  }
  async news(version) {
    return (await this.until(({ method, params }) => method === "textDocument/publishDiagnostics" && params.version === version)).params.diagnostics;
  }
}

test("an editor opens a text, hears questions, changes it and closes", { timeout: 120_000 }, async () => {
  const editor = new Editor();
  const { capabilities } = await editor.ask("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
  assert.deepEqual([capabilities.positionEncoding, capabilities.textDocumentSync.change], ["utf-16", 2]);
  editor.say({ method: "initialized", params: {} });
  const text = "# Late mail\n\n🚢 The harbour crew ignored the alarm.\n";
  editor.say({ method: "textDocument/didOpen", params: { textDocument: { uri, languageId: "markdown", version: 1, text } } });
  const [first] = await editor.news(1);
  // The ship takes two units.
  const start = "🚢 The harbour crew ".length;
  assert.deepEqual([first.code, first.range.start, first.range.end], ["OM-1", { line: 2, character: start }, { line: 2, character: start + "ignored".length }]);
  assert.ok(first.severity >= 3, "a question is no warning");
  const range = { start: first.range.start, end: first.range.start };
  const actions = await editor.ask("textDocument/codeAction", { textDocument: { uri }, range, context: { diagnostics: [first] } });
  assert.equal(actions[0].kind, "quickfix");
  const hover = await editor.ask("textDocument/hover", { textDocument: { uri }, position: first.range.start });
  assert.match(hover.contents.value, /What were they doing instead/);
  // Words typed before it move it; words in its place end it.
  const at = (character) => ({ line: 2, character });
  const change = (version, from, to, words) =>
    editor.say({ method: "textDocument/didChange", params: { textDocument: { uri, version }, contentChanges: [{ range: { start: at(from), end: at(to) }, text: words }] } });
  change(2, 0, 0, "⛵ ");
  assert.equal((await editor.news(2))[0].range.start.character, start + "⛵ ".length);
  change(3, 0, 2, "");
  await editor.news(3);
  change(4, start, start + "ignored".length, "heard");
  assert.deepEqual(await editor.news(4), []);
  change(5, start, start + "heard".length, "ignored");
  assert.equal((await editor.news(5)).length, 1);
  editor.say({ id: 99, method: "workspace/executeCommand", params: { command: actions[0].command.command, arguments: actions[0].command.arguments } });
  const silent = await editor.until(({ method, params }) => method === "textDocument/publishDiagnostics" && params.diagnostics.length === 0);
  assert.equal(silent.params.uri, uri, "not asked again");
  assert.equal(await editor.ask("shutdown"), null);
  editor.say({ method: "exit" });
  assert.equal(await editor.ended, 0);
});

test("Neovim shows the questions with the set-up that the documentation gives", { skip: process.env.NVIM ? false : "NVIM is not set", timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "debrief-nvim-"));
  try {
    await writeFile(join(folder, "late-mail.md"), "# Late mail\n\nThe harbour crew ignored the alarm.\n");
    await writeFile(
      join(folder, "init.lua"),
      `vim.lsp.config.debrief = { cmd = { ${JSON.stringify(BINARY)}, "lsp" }, filetypes = { "markdown", "text" } }
vim.lsp.enable("debrief")
vim.cmd("edit " .. ${JSON.stringify(join(folder, "late-mail.md"))})
vim.bo.filetype = "markdown"
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
for _, found in ipairs(vim.diagnostic.get(0)) do print(found.code .. " " .. found.lnum .. ":" .. found.col .. " " .. found.message) end
vim.api.nvim_buf_set_text(0, 2, 17, 2, 24, { "heard" })
vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end)
print("left: " .. #vim.diagnostic.get(0))
vim.cmd("qa!")
`,
    );
    const { stderr, stdout, status } = spawnSync(process.env.NVIM, ["--headless", "--clean", "-u", join(folder, "init.lua")], { env, encoding: "utf8", timeout: 90_000 });
    const said = stdout + stderr;
    assert.equal(status, 0, said);
    assert.match(said, /OM-1 2:17 .*What were they doing instead/);
    assert.match(said, /left: 0/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("Vim shows the questions through vim-lsp with the set-up that the documentation gives", { skip: process.env.VIM_LSP ? false : "VIM_LSP is not set", timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "debrief-vim-"));
  const at = (name) => join(folder, name);
  try {
    await writeFile(at("late-mail.md"), "# Late mail\n\nThe harbour crew ignored the alarm.\n");
    const [, setUp] = /```vim\n([^]*?)```/.exec(await readFile(new URL("../docs/language.md", import.meta.url), "utf8"));
    await writeFile(
      at("vimrc"),
      `set nocompatible
set runtimepath^=${process.env.VIM_LSP}
${setUp.replace("'debrief', 'lsp'", `'${BINARY}', 'lsp'`)}`,
    );
    await writeFile(
      at("go.vim"),
      `func! Wait(many)
  for turn in range(400)
    let found = lsp#internal#diagnostics#state#_get_all_diagnostics_grouped_by_server_for_uri(lsp#utils#get_buffer_uri(bufnr('')))
    let marks = has_key(found, 'debrief') ? found.debrief.params.diagnostics : []
    if len(marks) == a:many | break | endif
    sleep 50m
  endfor
  return marks
endfunc
edit ${at("late-mail.md")}
set filetype=markdown
call lsp#enable()
let said = map(Wait(1), {_, it -> it.code . ' ' . it.range.start.line . ':' . it.range.start.character . ' ' . it.message})
call setline(3, 'The harbour crew heard the alarm.')
doautocmd TextChanged
call add(said, 'left: ' . len(Wait(0)))
call writefile(said, '${at("said.txt")}')
qa!
`,
    );
    const { status } = spawnSync("vim", ["-N", "-u", at("vimrc"), "-i", "NONE", "--not-a-term", "-c", `source ${at("go.vim")}`], { env, timeout: 90_000, stdio: ["ignore", "ignore", "ignore"] });
    assert.equal(status, 0);
    const said = await readFile(at("said.txt"), "utf8");
    assert.match(said, /OM-1 2:17 What were they doing instead/);
    assert.match(said, /left: 0/);
  } finally {
    await rm(folder, { recursive: true });
  }
});
