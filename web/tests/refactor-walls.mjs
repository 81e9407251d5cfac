// The walls of the page that asks a model: the vault reaches nobody, a courier one address only.

import { readFileSync } from 'node:fs'

import { noWayOut } from './canary.mjs'
import { equal, ok } from './lib/check.mjs'
import { Asking, courierOf } from './lib/asking.mjs'

/** The vault, and beside it a courier, without any files. */
async function parts(asking, provider, origin) {
  const opened = await asking.open({ files: [], origin })
  await opened.app.evaluate(want => parent.postMessage({ want }, '*'), provider)
  const courier = await courierOf(opened, provider)
  return { ...opened, courier }
}

/** Asks for an address in a frame: whether an answer came. */
async function reaches(frame, address) {
  return frame.evaluate(async url => {
    try {
      await fetch(url, { method: 'POST', body: 'x', mode: 'no-cors' })
      return true
    } catch {
      return false
    }
  }, address)
}

async function addresses(lab) {
  const asking = await Asking.of(lab)
  const all = [
    'https://api.anthropic.com/v1/messages',
    'https://api.openai.com/v1/chat/completions',
    'https://generativelanguage.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse',
    'https://openrouter.ai/api/v1/chat/completions',
    `${asking.providers.local}/v1/chat/completions`,
    `${asking.origin}/refactor.html`,
    'http://api.anthropic.com/v1/messages',
    'https://api.anthropic.com:444/v1/messages',
  ]
  const own = { anthropic: 0, openai: 1, gemini: 2, openrouter: 3, local: 4 }
  for (const [provider, index] of Object.entries(own)) {
    asking.providers.play(() => '[]')
    const { app, courier } = await parts(asking, provider)
    for (const [at, address] of all.entries()) {
      equal(await reaches(courier, address), at === index, `${provider} to ${address}`)
    }
    const heard = asking.providers.heard.length
    equal(heard, 1)
    for (const address of all) equal(await reaches(app, address), false, `the vault to ${address}`)
    equal(asking.providers.heard.length, heard)
    await lab.clean()
  }
}

/** What script around the vault could do: nothing is there that could be asked. */
async function around(lab) {
  const asking = await Asking.of(lab)
  asking.providers.play(() => '[]')
  const { page } = await parts(asking, 'anthropic')
  equal(await reaches(page.mainFrame(), 'https://api.anthropic.com/v1/messages'), false)
  const inside = await page.mainFrame().evaluate(() => {
    return [...document.querySelectorAll('iframe')].map(frame => {
      try {
        return frame.contentWindow.document.title
      } catch {
        return 'closed'
      }
    })
  })
  equal(inside.join(), 'closed,closed', 'it sees into neither of them')
  equal(asking.providers.heard.length, 0)
}

/** Both frames may be turned to the server that the page is from, and that one hears it. */
async function ownServer(lab) {
  const asking = await Asking.of(lab)
  const { app } = await parts(asking, 'anthropic', asking.own)
  const heard = new Promise(yes => {
    asking.server.on('request', request => request.url.startsWith('/told') && yes(request.url))
    setTimeout(() => yes('nothing'), 3000)
  })
  await app.evaluate(url => setTimeout(() => (location = url)), `${asking.own}/told?x=1`)
  equal(await heard, '/told?x=1', 'say in docs/privacy.md what has changed')
  return 'cannot be stopped: script in the vault could tell the server that the page is from'
}

function inFrame(asking, provider) {
  return async () => {
    const { courier, ...opened } = await parts(asking, provider ?? 'anthropic')
    return { ...opened, app: provider ? courier : opened.app }
  }
}

async function noWay(lab, provider) {
  const asking = await Asking.of(lab)
  const said = await noWayOut(inFrame(asking, provider))
  ok(said)
  return said
}

/** What asks is in the other files. */
async function notInThePlainPage(lab) {
  const page = readFileSync(lab.path, 'utf8')
  for (const word of ['courier', 'api.anthropic.com', 'postMessage', 'Ask a model']) {
    ok(!page.includes(word), `badgateway.html names ${word}`)
  }
}

export default {
  'nothing of it is in the page that sends nothing': notInThePlainPage,
  'each courier to its address, the vault to none': addresses,
  'the document around': around,
  'the server that the page is from': ownServer,
  'no way out of the vault': lab => noWay(lab),
  'no way out of a courier': lab => noWay(lab, 'gemini'),
  'no way out of the local courier': lab => noWay(lab, 'local'),
}
