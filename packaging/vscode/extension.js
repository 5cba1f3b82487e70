// Starts `debrief lsp` in VS Code and lets it read Markdown and plain text. Everything else is the protocol's.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

exports.activate = async () => {
  // The setting has the scope of the machine: no folder that somebody opens decides which program runs.
  const command = vscode.workspace.getConfiguration("debrief").get("command") || "debrief";
  // Without a named transport the client speaks over standard input and output and adds no argument of its own.
  client = new LanguageClient("debrief", "Debrief", { command, args: ["lsp"] }, { documentSelector: ["markdown", "plaintext"] });
  await client.start();
};

exports.deactivate = () => client?.stop();
