// Runs the tests of the page in a real browser, one line for each.
//
//   node tests/run.mjs [--page FILE] [--program FILE] [WORD …]
//
// Only tests whose names contain a word. With a program, the page over HTTP is what that
// badgateway serves.
// The exit code is 0 when all went well. Pictures are written beside the page.

import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

import { Lab } from './lib/lab.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const suites = [
  'units',
  'journey',
  'archives',
  'hostile',
  'keyboard',
  'phone',
  'access',
  'timing',
  'breakdown',
  'canary',
  'refactor',
  'refactor-hostile',
  'refactor-walls',
  'refactor-look',
  'refactor-real',
]

const words = process.argv.slice(2)
let page = resolve(here, '../../target/web/badgateway.html')
const at = words.indexOf('--page')
if (at >= 0) [, page] = words.splice(at, 2).map(word => resolve(word))
let program
const named = words.indexOf('--program')
if (named >= 0) [, program] = words.splice(named, 2).map(word => resolve(word))
if (!existsSync(page)) {
  console.error(`${page} is missing: build it with \`node build.mjs\``)
  process.exit(2)
}

const pictures = join(dirname(page), 'screenshots')
mkdirSync(pictures, { recursive: true })
const lab = await Lab.start(page, pictures, program)
let failed = 0
let passed = 0
for (const suite of suites) {
  const { default: tests } = await import(`./${suite}.mjs`)
  for (const [name, test] of Object.entries(tests)) {
    const full = `${suite}: ${name}`
    if (words.length > 0 && !words.some(word => full.includes(word))) continue
    const begin = performance.now()
    try {
      const said = await within(180_000, test(lab))
      passed += 1
      console.log(`ok    ${full} (${Math.round(performance.now() - begin)} ms)${said ? `: ${said}` : ''}`)
    } catch (error) {
      failed += 1
      const text = String(error?.stack ?? error)
        .split('\n')
        .slice(0, 12)
        .join('\n      ')
      console.log(`FAIL  ${full}\n      ${text}`)
    } finally {
      await lab.clean()
    }
  }
}
await lab.stop()
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed > 0 ? 1 : 0)

function within(most, promise) {
  let timer
  const late = new Promise((_, no) => {
    timer = setTimeout(() => no(new Error(`no end after ${most / 1000} s`)), most)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
