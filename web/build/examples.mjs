// The examples that the page can load with one click, from examples/ of this repository.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const STACK = 'broken-stack'
const NIGHT = 'bad-night'

/** JSON for a data block: `{ stack: [{path, text}], night: [{path, text}] }`. */
export function examples(folder) {
  const stack = files(join(folder, STACK)).map(([path, text]) => ({ path: `/${path}`, text }))
  const night = files(join(folder, NIGHT)).map(([path, text]) => ({ path, text }))
  // `<` would let a text end the data block.
  return JSON.stringify({ stack, night }).replaceAll('<', '\\u003c')
}

function files(folder, prefix = '') {
  const entries = readdirSync(join(folder, prefix), { withFileTypes: true })
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap(entry => {
    const path = prefix + entry.name
    if (entry.isDirectory()) return files(folder, `${path}/`)
    // Documents of a site say nothing about its limits.
    if (path.startsWith('srv/')) return []
    const text = readFileSync(join(folder, path), 'utf8')
    // Git keeps no empty folder, and a server needs no file that says so.
    return entry.name === '.gitkeep' ? [] : [[path, text]]
  })
}
