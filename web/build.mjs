// Makes target/web/badgateway.html: one file that holds the whole sandbox.
//
//   node build.mjs [CORE.wasm]
//
// The same inputs give the same bytes: nothing here looks at a clock, and every list is sorted.

import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { script, styles } from './build/bundle.mjs'
import { examples } from './build/examples.mjs'
import { lint } from './build/lint.mjs'
import { page, policy } from './build/page.mjs'
import { report } from './build/sizes.mjs'
import { toText } from './build/core-text.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '..')
const corePath = resolve(process.argv[2] ?? join(root, 'target/wasm/badgateway.wasm'))
const out = join(root, 'target/web/badgateway.html')

const core = readFileSync(corePath)
const imports = WebAssembly.Module.imports(new WebAssembly.Module(core))
if (imports.length > 0) {
  throw new Error(`the core must import nothing; it imports ${JSON.stringify(imports)}`)
}

const parts = {
  shellCss: styles(join(here, 'src/shell.css')),
  appCss: styles(join(here, 'src/style/index.css')),
  js: await script(join(here, 'src/main.ts')),
  examples: examples(join(root, 'examples')),
  core: toText(core),
}
lint(parts.js)
const rules = policy(parts)
const html = page(here, parts, rules)
mkdirSync(dirname(out), { recursive: true })
writeFileSync(out, html)
// As the program carries it and serves it.
writeFileSync(`${out}.gz`, gzipSync(html, { level: 9 }))

report(html, parts, core, page(here, { ...parts, core: '', examples: '' }, rules))
console.log(`sha256  ${createHash('sha256').update(html).digest('hex')}  ${out}`)
