// Says what the page weighs, and fails when our part of it grows beyond its budget.

import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const OUR_BUDGET = 130_000
/** What it should weigh, and what it must not outgrow before it does. */
const PAGE_WISH = 450_000
const PAGE_BUDGET = 655_000

/** Prints a table of the page that works alone; `ours` is what is neither core nor examples. */
export function report(html, parts, core, ours) {
  const rows = [
    ['script', parts.js],
    ['styles', parts.appCss + parts.shellCss],
    ['examples', parts.examples],
    ['core, binary', core],
    ['core, as text', parts.core],
    ['our part', ours],
    ['page', html],
  ]
  console.log(`${'part'.padEnd(20)}${'raw'.padStart(10)}${'gzip -9'.padStart(10)}${'brotli 11'.padStart(11)}`)
  const packed = {}
  for (const [name, content] of rows) {
    const bytes = Buffer.from(content)
    packed[name] = brotli(bytes)
    const gzip = gzipSync(bytes, { level: 9 }).length
    console.log(`${name.padEnd(20)}${cell(bytes.length, 10)}${cell(gzip, 10)}${cell(packed[name], 11)}`)
  }
  if (packed['our part'] > OUR_BUDGET) {
    throw new Error(`our part is over its budget of ${OUR_BUDGET} bytes`)
  }
  if (packed.page > PAGE_BUDGET) {
    throw new Error(`the page is over its budget of ${PAGE_BUDGET} bytes`)
  }
  if (packed.page > PAGE_WISH) {
    console.warn(`warning: the page should weigh ${PAGE_WISH} bytes; the core is what weighs`)
  }
}

/** One line for each of the other pages. */
export function reportOthers(pages) {
  for (const [name, html] of pages) {
    const bytes = Buffer.from(html)
    const gzip = gzipSync(bytes, { level: 9 }).length
    console.log(`${name.padEnd(24)}${cell(bytes.length, 10)}${cell(gzip, 10)}${cell(brotli(bytes), 11)}`)
  }
}

function cell(number, width) {
  return number.toLocaleString('en-US').padStart(width)
}

function brotli(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  }
  return brotliCompressSync(bytes, { params }).length
}
