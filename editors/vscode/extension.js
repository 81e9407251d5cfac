// Starts `badgateway lsp` and lets the client library do the rest.
"use strict";

const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const settings = workspace.getConfiguration("badgateway");
  const server = { command: settings.get("path", "badgateway"), args: ["lsp"] };
  const files = (language, pattern) => ({ scheme: "file", language, pattern });
  client = new LanguageClient("badgateway", "badgateway", server, {
    documentSelector: [
      files("nginx"),
      files(undefined, "**/*.{conf,ini}"),
      files(undefined, "**/sites-{available,enabled}/*"),
    ],
    synchronize: {
      fileEvents: workspace.createFileSystemWatcher("**/*.{conf,ini}"),
    },
    initializationOptions: {
      strict: settings.get("strict", false),
      maps: settings.get("maps", []),
    },
  });
  return client.start();
}

function deactivate() {
  return client ? client.stop() : undefined;
}

module.exports = { activate, deactivate };
