// The page that asks a model, as it is built, byte for byte: a browser that finds the providers'
// names on loopback, and a server for the pages.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { dirname, join } from 'node:path'

import { chromium } from 'playwright-core'

import { CHROMIUM, FLAGS } from './lab.mjs'
import { give } from './give.mjs'
import { FILES } from './planted.mjs'
import { KEY, Providers } from './providers.mjs'

const USUAL_LOCAL = 'http://127.0.0.1:11434'

export class Asking {
  static async of(lab) {
    lab.asking ??= Asking.start(lab)
    return lab.asking
  }

  static async start(lab) {
    const asking = new Asking()
    asking.lab = lab
    asking.providers = await Providers.start(lab.scratch)
    asking.server = createServer((request, response) => asking.serve(request, response))
    await new Promise(done => asking.server.listen(0, '127.0.0.1', done))
    asking.own = `http://127.0.0.1:${asking.server.address().port}`
    asking.origin = asking.own
    if (lab.program) {
      const served = await lab.serve(`--llm=${asking.providers.local}`)
      asking.origin = served.replace(/\/$/, '')
    }
    const others = FLAGS.filter(flag => !flag.startsWith('--host-resolver-rules'))
    const rules = `--host-resolver-rules=${asking.providers.maps.join(',')}`
    asking.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...others, rules, '--ignore-certificate-errors'],
    })
    lab.ends.push(() => asking.stop())
    return asking
  }

  /** As README.md says that pages are served; other servers are elsewhere. */
  serve(request, response) {
    const path = request.url.replace(/[?#].*/, '').slice(1)
    // As somebody may serve them who sends no headers.
    const bare = path.startsWith('bare/')
    const name = path.replace('bare/', '')
    response.setHeader('content-type', 'text/html; charset=utf-8')
    if (name === 'framing')
      return response.end(`<iframe src="${bare ? `${this.own}/bare` : this.origin}/courier-anthropic.html"></iframe>`)
    if (!/^(?:refactor|courier-[a-z]+)\.html$/.test(name)) return response.writeHead(404).end()
    let page = readFileSync(join(dirname(this.lab.path), name), 'utf8')
    if (name === 'courier-local.html') page = page.replace(USUAL_LOCAL, this.providers.local)
    if (name === 'refactor.html') response.setHeader('x-frame-options', 'DENY')
    else if (!bare) response.setHeader('content-security-policy', "frame-ancestors 'self'")
    response.end(page)
  }

  async stop() {
    await this.browser.close()
    this.server.close()
    this.providers.stop()
  }

  /** Opens the page with the planted files. */
  async open({ files = FILES, before, origin = this.origin, ...more } = {}) {
    const opened = await this.lab.open({ address: `${origin}/refactor.html`, browser: this.browser, before: before ?? listening, ...more })
    if (files.length > 0) await give(opened, files)
    return opened
  }

  /** Everything that was said between the frames, and whatever stands in them. */
  async overheard({ page }) {
    const out = []
    for (const frame of page.frames()) {
      const seen = await frame.evaluate(everything)
      out.push({ url: frame.url(), ...seen })
    }
    return out
  }

  /** Nothing was refused, nothing complained, and only these hosts were asked. */
  quiet({ seen }, hosts) {
    const known = [this.origin, ...hosts]
    const foreign = seen.requests.filter(
      url => !known.some(origin => url.startsWith(origin)) && !/^(?:about:srcdoc|data:|blob:null)/.test(url),
    )
    const complaints = seen.console.filter(line => !line.startsWith('verbose: '))
    const slips = [...foreign, ...complaints, ...seen.violations]
    if (slips.length > 0) throw new Error(`not quiet: ${slips.join(' | ')}`)
  }
}

/** Runs in every frame before its script: keeps what goes from one to another. */
function listening() {
  const said = []
  Object.defineProperty(globalThis, 'badgatewaySaid', { value: said })
  const keep = data => said.push(JSON.stringify(data))
  const { postMessage } = MessagePort.prototype
  MessagePort.prototype.postMessage = function (data, ...more) {
    keep(data)
    return postMessage.call(this, data, ...more)
  }
  addEventListener('message', event => keep(event.data), true)
  const { set } = Object.getOwnPropertyDescriptor(MessagePort.prototype, 'onmessage')
  Object.defineProperty(MessagePort.prototype, 'onmessage', {
    set(listener) {
      set.call(this, event => {
        keep(event.data)
        listener(event)
      })
    },
  })
}

/** Runs in a frame: all texts, values, messages and what is stored. */
function everything() {
  const texts = []
  const walk = root => {
    for (const element of root.querySelectorAll('*')) {
      if (element.tagName === 'SCRIPT' || element.tagName === 'STYLE') continue
      texts.push(element.value ?? '', ...[...element.attributes].map(one => one.value))
      for (const child of element.childNodes) if (child.nodeType === 3) texts.push(child.data)
      if (element.shadowRoot) walk(element.shadowRoot)
    }
  }
  walk(document)
  let stored
  try {
    stored = JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])
  } catch {
    stored = 'none'
  }
  return { texts: texts.join('\n'), said: globalThis.badgatewaySaid ?? [], stored }
}

/** The frame of the courier. */
export async function courierOf({ page }, provider) {
  const name = `courier-${provider}.html`
  for (let tries = 0; tries < 100; tries += 1) {
    const frame = page.frames().find(one => one.url().endsWith(name))
    if (frame) {
      await frame.waitForSelector('main')
      return frame
    }
    await page.waitForTimeout(50)
  }
  throw new Error(`no ${name}`)
}

/** Up to what would be sent. */
export async function prepare(opened, provider, model = 'm-1') {
  const { app } = opened
  await app.locator('#tab-ask').click()
  await app.locator('#ask-provider').selectOption(provider)
  await app.locator('#ask-model').fill(model)
  await app.getByRole('button', { name: 'Show what would be sent' }).click()
  const courier = await courierOf(opened, provider)
  await app.waitForSelector('.ask .bytes, .ask .note')
  return courier
}

/** Sends it, with the key in the courier's frame if it has none yet. */
export async function sendWith(opened, courier, key = KEY) {
  await opened.app.getByRole('button', { name: /^Send to / }).click()
  if (key === null) return
  await courier.locator('#key').fill(key)
  await courier.getByRole('button', { name: /^Use this key/ }).click()
}

/** What became of it. */
export async function verdict({ app }) {
  await app.getByRole('heading', { name: 'What became of it' }).waitFor()
  return (await app.locator('.ask').innerText()).replace(/\s+/g, ' ')
}
