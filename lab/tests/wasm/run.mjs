// Runs the module as the page does. Requests come as lines on standard input; answers go to
// standard output, each behind a line with its length in bytes. A request that traps is answered
// with `trap`, and the next one gets a new instance.
//
//   node run.mjs MODULE ask       answers requests
//   node run.mjs MODULE time      answers requests with the milliseconds that each call took
//   node run.mjs MODULE describe  says what the module imports and exports
//   node run.mjs MODULE trap      asks for more memory than there is, then goes on

import { readFileSync, writeSync } from "node:fs";

const [path, what] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(path));
const fresh = () => new WebAssembly.Instance(module, {}).exports;

function ask(exports, request) {
  const bytes = new TextEncoder().encode(request);
  const at = exports.alloc(bytes.length);
  // Memory may move when it grows, so no view outlives a call.
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
  const answer = BigInt.asUintN(64, exports.call(at, bytes.length));
  const [start, length] = [Number(answer >> 32n), Number(answer & 0xffffffffn)];
  const text = Buffer.from(new Uint8Array(exports.memory.buffer, start, length));
  exports.free(start, length);
  return text;
}

function say(bytes) {
  const all = Buffer.concat([Buffer.from(`${bytes.length}\n`), bytes]);
  for (let done = 0; done < all.length; ) done += writeSync(1, all, done);
}

function answerAll() {
  let exports = fresh();
  for (const line of readFileSync(0, "utf8").split("\n")) {
    if (line === "") continue;
    try {
      say(ask(exports, line));
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      say(Buffer.from("trap"));
      exports = fresh();
    }
  }
}

function time() {
  for (const line of readFileSync(0, "utf8").split("\n").filter((line) => line !== "")) {
    const exports = fresh();
    const begin = performance.now();
    ask(exports, line);
    say(Buffer.from(String(performance.now() - begin)));
  }
}

function trap() {
  const broken = fresh();
  let trapped = "nothing";
  try {
    broken.alloc(0xffffffff);
  } catch (error) {
    trapped = error instanceof WebAssembly.RuntimeError ? "trapped" : String(error);
  }
  say(Buffer.from(trapped));
  say(ask(fresh(), '{"op": "about"}'));
}

if (what === "ask") answerAll();
else if (what === "time") time();
else if (what === "trap") trap();
else {
  const imports = WebAssembly.Module.imports(module);
  const exports = WebAssembly.Module.exports(module).map(({ name }) => name);
  say(Buffer.from(JSON.stringify({ imports, exports: exports.sort() })));
}
