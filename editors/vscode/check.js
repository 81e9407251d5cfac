// Says whether package.json and extension.js fit together: `node check.js`. It needs no packages.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { execFileSync } = require("node:child_process");

const at = (name) => path.join(__dirname, name);
const manifest = JSON.parse(fs.readFileSync(at("package.json"), "utf8"));

for (const key of ["name", "displayName", "description", "version", "publisher", "main"]) {
  assert.equal(typeof manifest[key], "string", `${key} is missing`);
}
assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
assert.match(manifest.engines.vscode, /^\^\d+\.\d+\.\d+$/);
assert.ok(fs.existsSync(at(manifest.main)), "main is missing");
execFileSync(process.execPath, ["--check", at(manifest.main)]);

const source = fs.readFileSync(at(manifest.main), "utf8");
const required = [...source.matchAll(/require\("([^"/]+)[^"]*"\)/g)].map((found) => found[1]);
for (const name of required.filter((name) => name !== "vscode")) {
  assert.ok(name in manifest.dependencies, `${name} is no dependency`);
}
const read = [...source.matchAll(/settings\.get\("([^"]+)"/g)].map((found) => `badgateway.${found[1]}`);
const declared = Object.keys(manifest.contributes.configuration.properties);
assert.deepEqual(read.sort(), declared.sort(), "settings that are read and declared differ");
for (const event of manifest.activationEvents) {
  assert.match(event, /^(onLanguage|workspaceContains):/);
}
