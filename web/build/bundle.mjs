// esbuild, twice: the script as one immediately run function, the styles as one sheet.

import { fileURLToPath } from 'node:url'

import { build, buildSync } from 'esbuild'

// What browsers from about 2023 on understand; older ones lack the streams that unpack archives.
const TARGET = ['chrome120', 'firefox121', 'safari17']

const NO_LANGUAGE = fileURLToPath(new URL('../src/editor/no-language.ts', import.meta.url))

/** The whole script, as text. */
export async function script(entry) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: 'iife',
    target: TARGET,
    charset: 'utf8',
    legalComments: 'none', // src/views/proof.ts names the libraries and their licence
    alias: { '@codemirror/language': NO_LANGUAGE },
    write: false,
  })
  // A carriage return would be a line feed once the page is parsed, and its hash another.
  return result.outputFiles[0].text.replaceAll('\r', '\\r').trim()
}

/** A style sheet with everything it imports, as text. */
export function styles(entry) {
  const result = buildSync({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    target: TARGET,
    charset: 'utf8',
    legalComments: 'none',
    write: false,
  })
  return result.outputFiles[0].text.trim()
}
