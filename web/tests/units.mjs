// The parts that are plain functions, taken out of the sources as they are.

import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build } from 'esbuild'

import { toText } from '../build/core-text.mjs'
import { ORIGINS } from '../build/couriers.mjs'
import { lint } from '../build/lint.mjs'
import { tarEntries } from './lib/archives.mjs'
import { deepEqual, equal, ok } from './lib/check.mjs'

const sources = fileURLToPath(new URL('../src/', import.meta.url))

/** The exports of some sources, bundled for Node. */
async function load(...names) {
  const contents = names.map(name => `export * from './${name}'`).join('\n')
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: sources, loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
  })
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}

/** The same numbers in every run. */
function dice(seed) {
  let state = seed
  return most => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state % most
  }
}

async function coreText() {
  const { fromText } = await load('core/from-text')
  for (const bytes of [
    Buffer.alloc(0),
    randomBytes(5000),
    Buffer.from(Array.from({ length: 256 }, (_, i) => i)),
  ]) {
    const text = toText(bytes)
    ok(Buffer.from(fromText(text)).equals(bytes))
    ok(!/[&'"<>`\\\u0000-\u0020\u007f-\u00bf]/.test(text), 'only letters that mean nothing to HTML')
  }
}

async function offsets() {
  const { Offsets, decode, encode } = await load('text')
  const roll = dice(7)
  const letters = ['a', 'ä', '€', '😀', '\n', '\r\n', '\u0000', '\ufeff']
  for (let round = 0; round < 300; round += 1) {
    const text = Array.from({ length: roll(400) }, () => letters[roll(letters.length)]).join('')
    const map = new Offsets(text, 'utf-8')
    let bytes = 0
    for (const letter of text) {
      const at = Buffer.byteLength(text.slice(0, map.at(bytes)))
      equal(at, bytes, 'a byte at the beginning of a letter is that letter')
      bytes += Buffer.byteLength(letter)
    }
    equal(map.at(bytes + 9), text.length)
    deepEqual(decode(Buffer.from(text)), { text, encoding: 'utf-8' })
  }
  const latin = Buffer.from([0x73, 0xe4, 0xff, 0x80, 0x0a])
  const read = decode(latin)
  equal(read.encoding, 'latin-1')
  ok(Buffer.from(encode(read.text, 'latin-1')).equals(latin), 'not a byte is lost')
  equal(decode(Buffer.from([0xff, 0xfe, 0x00])), null)
}

async function differences() {
  const { diffLines, changedPart } = await load('diff')
  const roll = dice(3)
  for (let round = 0; round < 400; round += 1) {
    const lines = () => Array.from({ length: roll(30) }, () => `${roll(5)}\n`).join('')
    const [before, after] = [lines(), lines()]
    const rows = diffLines(before, after)
    const side = sign =>
      rows
        .filter(row => row.sign !== sign)
        .map(row => `${row.text}\n`)
        .join('')
    equal(side('+'), before)
    equal(side('-'), after)
    const numbers = key => rows.map(row => row[key]).filter(number => number > 0)
    for (const key of ['old', 'new'])
      deepEqual(
        numbers(key),
        numbers(key).map((_, index) => index + 1),
      )
  }
  const small = diffLines('a\nb\nc\n', 'a\nx\nc\n')
    .map(row => row.sign + row.text)
    .join()
  equal(small, ' a,-b,+x, c')
  deepEqual(changedPart('x 120s;', 'x 305s;'), { from: 2, before: 6, after: 6 })
  // All different and long: bounded, and still both texts.
  const [long, other] = ['a', 'b'].map(word =>
    Array.from({ length: 20_000 }, (_, i) => `${word}${i}\n`).join(''),
  )
  const begin = performance.now()
  equal(diffLines(long, other).length, 40_000)
  ok(performance.now() - begin < 3000, 'two long texts that have nothing in common')
}

async function paths() {
  const { cleanPath, resolveLink, freePath, visible } = await load('paths')
  const cases = {
    '../../etc/passwd': 'etc/passwd',
    '/etc/../../x': '/x',
    'a//b/./c': 'a/b/c',
    'C:\\nginx\\conf\\nginx.conf': '/nginx/conf/nginx.conf',
    'conf\\nginx.conf': 'conf/nginx.conf',
    'a\\b/c': 'a\\b/c',
    'x\u202Egnp.conf': 'x\\u{202e}gnp.conf',
    'a\u0000b': 'a\\u{0000}b',
    '..': null,
    '': null,
  }
  for (const [name, clean] of Object.entries(cases)) equal(cleanPath(name), clean, name)
  equal(resolveLink('/etc/nginx/sites-enabled/a', '../sites-available/a'), '/etc/nginx/sites-available/a')
  equal(resolveLink('etc/nginx/x', '/etc/nginx/y'), '/etc/nginx/y')
  equal(
    freePath('a/b.conf', path => path === 'a/b.conf'),
    'a/b-2.conf',
  )
  equal(visible('\ud800'), '\ufffd')
}

async function placing() {
  const { place } = await load('intake/place')
  const where = files => {
    const { path } = place(new Map(Object.entries(files)))
    return Object.keys(files).map(path).join()
  }
  equal(
    where({ 'web1/etc/nginx/nginx.conf': '', 'web1/var/log/x.log': '' }),
    '/etc/nginx/nginx.conf,/var/log/x.log',
  )
  equal(
    where({ 'nginx/nginx.conf': '', 'nginx/mime.types': '' }),
    '/etc/nginx/nginx.conf,/etc/nginx/mime.types',
  )
  const other = { 'conf/nginx.conf': 'http {\n include /opt/web/conf.d/*.conf;\n}', 'conf/conf.d/a.conf': '' }
  equal(where(other), '/opt/web/nginx.conf,/opt/web/conf.d/a.conf')
  equal(where({ 'php/8.2/fpm/php.ini': '' }), '/etc/php/8.2/fpm/php.ini')
  equal(where({ 'nginx.conf': '', 'site.conf': '' }), 'nginx.conf,site.conf')
  const two = { 'a/etc/nginx/nginx.conf': '', 'b/etc/nginx/nginx.conf': '' }
  equal(where(two), Object.keys(two).join(), 'two servers stay two')
}

async function packed() {
  const { writeTarGz } = await load('archive/write-tar')
  const long = `/etc/nginx/${'long-name-'.repeat(12)}.conf`
  const files = [
    { path: '/etc/nginx/nginx.conf', bytes: new TextEncoder().encode('events {}\n') },
    { path: '/etc/nginx/on', bytes: new Uint8Array(), link: '/etc/nginx/off' },
    { path: long, bytes: new TextEncoder().encode('x') },
    { path: '/srv/grün.conf', bytes: new TextEncoder().encode('y') },
  ]
  const tar = gunzipSync(Buffer.from(await (await writeTarGz(files)).arrayBuffer()))
  const entries = tarEntries(tar)
  equal(entries[0].name, 'etc/nginx/nginx.conf')
  equal(entries[1].link, '/etc/nginx/off')
  ok(entries.some(entry => entry.type === 'x' && entry.text.includes(`path=${long.slice(1)}\n`)))
  ok(entries.some(entry => entry.type === 'x' && /^\d+ path=srv\/grün\.conf\n$/.test(entry.text)))
}

async function sums() {
  const { plainSha256 } = await load('sha256')
  for (const length of [0, 1, 55, 56, 63, 64, 65, 5000]) {
    const bytes = randomBytes(length)
    equal(Buffer.from(plainSha256(bytes)).toString('hex'), createHash('sha256').update(bytes).digest('hex'))
  }
}

async function colours() {
  const { tokens } = await load('highlight')
  const said = (line, language) =>
    tokens(line, language)
      .map(token => `${token.word}:${line.slice(token.from, token.to)}`)
      .join(' ')
  equal(
    said('    fastcgi_read_timeout 120s; # why', 'nginx'),
    'directive:fastcgi_read_timeout number:120s comment:# why',
  )
  equal(
    said('set $a "b;c"; return 301 $scheme://x#y;', 'nginx'),
    'directive:set variable:$a text:"b;c" directive:return number:301 variable:$scheme',
  )
  equal(
    said('request_terminate_timeout = 30s ; off', 'properties'),
    'directive:request_terminate_timeout number:30s comment:; off',
  )
  equal(said('[www]', 'properties'), 'section:[www]')
}

/** The lint bites, and the script as it is passes. */
function lintBites() {
  for (const way of [
    'new RTCPeerConnection',
    'new WebSocket(a)',
    'fetch(a)',
    'navigator.sendBeacon(a)',
    'window.open(a)',
    ';open(a)',
    'eval(a)',
    'location.href=a',
    'a.innerHTML=b',
    'new Function(a)',
    'importScripts(a)',
    'new Worker(a)',
    'document.write(a)',
    'import("a")',
    'new XMLHttpRequest',
    'new EventSource(a)',
    'new WebTransport(a)',
    'document.createElement("iframe")',
    'setTimeout("a")',
  ]) {
    let refused = false
    try {
      lint('a test', `(()=>{${way}})()`)
    } catch {
      refused = true
    }
    ok(refused, way)
  }
  lint('a test', 'class A{open(e){return e}}')
  lint('a test', 'a.postMessage(b)', [['.postMessage(', 1, 'a message']])
}

/** The page is what the sources give: its parts, the policy with their sums, and no address. */
function pageIsWhole(lab) {
  const html = readFileSync(lab.path, 'utf8')
  const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)
  const inner = /srcdoc='([^']*)'/.exec(html)[1].replaceAll('&#39;', "'").replaceAll('&amp;', '&')
  const [, script] = /<script id="program">([^]*)<\/script>/.exec(inner)
  const sum = createHash('sha256').update(script).digest('base64')
  ok(policy.includes(`script-src 'sha256-${sum}' 'wasm-unsafe-eval'`), policy)
  ok(policy.startsWith("default-src 'none'"))
  for (const part of ["connect-src 'none'", "frame-src 'none'", "form-action 'none'", "trusted-types 'none'"])
    ok(policy.includes(part), part)
  ok(inner.includes(`content="${policy}"`), 'the policy is stated inside too')
  ok(
    !/\s(?:on\w+|style)=["']/.test(html.slice(0, html.indexOf('srcdoc'))),
    'no attribute that is script or style',
  )
  ok(!/<(?:script|link|img|iframe)[^>]*(?:src|href)=["']?https?:/.test(inner), 'nothing from elsewhere')
  ok(/sandbox="allow-scripts allow-downloads"/.test(html))
  lint('badgateway.html', script)
}

/** The pages that ask: who may reach what is in their policies, and the scripts are those of the sums. */
function askingIsWhole(lab) {
  const read = name => readFileSync(join(dirname(lab.path), name), 'utf8')
  const policyOf = html => /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html)[1]
  const sum = text => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
  for (const [provider, origin] of Object.entries(ORIGINS)) {
    const html = read(`courier-${provider}.html`)
    const policy = policyOf(html)
    const [, script] = /<script>([^]*)<\/script>/.exec(html)
    ok(policy.startsWith(`default-src 'none'; script-src ${sum(script)}; style-src `), policy)
    ok(policy.includes(`; connect-src ${origin}; frame-src 'none'; `))
    equal(html.split(origin).length, 2, 'the origin is in the policy only')
  }
  const html = read('refactor.html')
  const inner = /srcdoc='([^']*)'/.exec(html)[1].replaceAll('&#39;', "'").replaceAll('&amp;', '&')
  const [, script] = /<script id="program">([^]*)<\/script>/.exec(inner)
  const [, broker] = /<script>([^]*)<\/script>/.exec(html.slice(html.indexOf('</iframe>')))
  const [around, vault] = [policyOf(html), policyOf(inner)]
  ok(vault.includes(`script-src ${sum(script)} 'wasm-unsafe-eval'; `), vault)
  ok(around.includes(`script-src ${sum(script)} ${sum(broker)} 'wasm-unsafe-eval'; `), around)
  ok(vault.includes("connect-src 'none'; frame-src 'none'; "))
  ok(around.includes("connect-src 'none'; frame-src 'self'; "))
  for (const policy of [around, vault]) ok(policy.endsWith("trusted-types 'none'"))
}

export default {
  'the core as text and back': coreText,
  'bytes and letters': offsets,
  differences: differences,
  'hostile names': paths,
  'where folders belong': placing,
  'a tar.gz to take away': packed,
  'SHA-256 without a secure context': sums,
  'colours of words': colours,
  'the lint of the bundle bites': lintBites,
  'the page is whole': pageIsWhole,
  'the pages that ask are whole': askingIsWhole,
}
