// Makes the pages of target/web, each one file: badgateway.html, which sends nothing; and what asks
// a language model, refactor.html with its couriers.
//
//   node build.mjs [CORE.wasm [CORE-WITH-REFACTOR.wasm]]
//
// The same inputs give the same bytes: nothing here looks at a clock, and every list is sorted.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { script, styles } from './build/bundle.mjs'
import { ORIGINS, once } from './build/couriers.mjs'
import { examples } from './build/examples.mjs'
import { lint } from './build/lint.mjs'
import { courierPage, page, refactorPage } from './build/page.mjs'
import { report, reportOthers } from './build/sizes.mjs'
import { toText } from './build/core-text.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '..')
const corePath = resolve(process.argv[2] ?? join(root, 'target/wasm/badgateway.wasm'))
const askingPath = resolve(process.argv[3] ?? corePath.replace(/\.wasm$/, '-refactor.wasm'))
const out = join(root, 'target/web')
const source = name => join(here, 'src', name)

function core(path) {
  const bytes = readFileSync(path)
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes))
  if (imports.length > 0) {
    throw new Error(`a core must import nothing; ${path} imports ${JSON.stringify(imports)}`)
  }
  return bytes
}

function put(name, html) {
  writeFileSync(join(out, name), html)
  // As the program carries it and serves it.
  writeFileSync(join(out, `${name}.gz`), gzipSync(html, { level: 9 }))
  console.log(`sha256  ${createHash('sha256').update(html).digest('hex')}  ${join(out, name)}`)
}

async function alone() {
  const bytes = core(corePath)
  const parts = {
    shellCss: styles(source('shell.css')),
    appCss: styles(source('style/index.css')),
    js: await script(source('main.ts')),
    examples: examples(join(root, 'examples')),
    core: toText(bytes),
  }
  lint('badgateway.html', parts.js)
  const html = page(here, parts)
  report(html, parts, bytes, page(here, { ...parts, core: '', examples: '' }))
  put('badgateway.html', html)
}

async function asking() {
  const parts = {
    shellCss: styles(source('refactor/shell.css')),
    appCss: styles(source('refactor/refactor.css')),
    js: await script(source('refactor/main.ts')),
    broker: await script(source('refactor/broker.ts')),
    examples: examples(join(root, 'examples')),
    core: toText(core(askingPath)),
  }
  lint('the vault', parts.js, [['.postMessage(', 2, 'a wish to the document around, requests to the courier']])
  lint('the broker', parts.broker, [
    ['.postMessage(', 3, 'the ends of the channel, and that there is no courier'],
    ['createElement("iframe")', 1, 'a courier'],
  ])
  const pages = [['refactor.html', refactorPage(here, parts)]]
  const courier = { js: await script(source('courier/main.ts')), css: styles(source('courier/courier.css')) }
  lint('the couriers', courier.js, [
    ['fetch(', 1, 'the request'],
    ['.postMessage(', 3, 'that it is there, how high it is, and what came'],
    ['location.origin', 1, 'who may speak to it'],
  ])
  for (const [provider, origin] of Object.entries(ORIGINS)) {
    const name = `courier-${provider}.html`
    const html = courierPage(here, courier, provider, origin)
    once(name, html, origin)
    pages.push([name, html])
  }
  reportOthers(pages)
  for (const [name, html] of pages) put(name, html)
}

mkdirSync(out, { recursive: true })
await alone()
if (existsSync(askingPath)) await asking()
else console.warn(`warning: ${askingPath} is not there: only badgateway.html was made`)
