// A browser, a loopback server for the page, and what a test wants to know of an opened page.

import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium } from 'playwright-core'

export const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that browsers do not trust as they trust loopback: a page from another machine.
  '--host-resolver-rules=MAP plain.example 127.0.0.1',
]

/** Where Debian puts it; elsewhere `CHROMIUM` says. */
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

const FREE = '<!doctype html><html><head><title>free</title></head><body></body></html>'

export class Lab {
  /** `program`: a badgateway that carries the page and serves it; else the lab serves it itself. */
  static async start(path, pictures, program) {
    const lab = new Lab()
    lab.path = path
    lab.pictures = pictures
    lab.html = readFileSync(path)
    lab.server = createServer((request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8')
      // The same server has a page without any policy, to compare with.
      response.end(request.url === '/free' ? FREE : lab.html)
    })
    await new Promise(done => lab.server.listen(0, '127.0.0.1', done))
    lab.own = `http://127.0.0.1:${lab.server.address().port}/`
    lab.ends = []
    lab.program = program
    lab.http = program ? await lab.serve() : lab.own
    lab.plain = lab.own.replace('127.0.0.1', 'plain.example')
    lab.file = pathToFileURL(path).href
    lab.browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
    lab.scratch = mkdtempSync(join(tmpdir(), 'badgateway-web-'))
    lab.open_ = []
    return lab
  }

  /** Starts the program, and gives back the address that it says first. */
  async serve(...more) {
    const args = ['sandbox', '--serve', '--listen', '127.0.0.1:0', ...more]
    const served = spawn(this.program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    served.on('error', () => {})
    this.ends.push(() => served.kill())
    for await (const said of served.stdout) return said.toString().split('\n')[0]
    throw new Error(`${this.program} does not serve the page`)
  }

  /** Opens the page; `before` runs in front of its script, `more` goes to the browser's context. */
  async open({ address = this.http, browser = this.browser, before, ...more } = {}) {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      acceptDownloads: true,
      ...more,
    })
    this.open_.push(context)
    const page = await context.newPage()
    const seen = { console: [], requests: [], violations: [] }
    page.on('console', message => seen.console.push(`${message.type()}: ${message.text()}`))
    page.on('pageerror', error => seen.console.push(`exception: ${error}`))
    page.on('crash', () => seen.console.push('the tab crashed'))
    page.on('request', request => seen.requests.push(request.url()))
    await page.exposeFunction('badgatewayViolation', text => seen.violations.push(text))
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', event => {
        window.badgatewayViolation(`${event.effectiveDirective} ${event.blockedURI}`)
      })
    })
    if (before) await page.addInitScript(before)
    await page.goto(address)
    const app = page.frames()[1]
    await app.waitForSelector('.welcome h2')
    return { page, app, seen, context, address }
  }

  /** Nothing was refused, nothing complained, nothing but the page was asked for. */
  quiet({ seen, address }) {
    const foreign = seen.requests.filter(
      url => url !== address && !/^(?:about:srcdoc|data:|blob:null)/.test(url),
    )
    const slips = [...foreign, ...seen.console, ...seen.violations]
    if (slips.length > 0) throw new Error(`not quiet: ${slips.join(' | ')}`)
  }

  async picture({ page }, name) {
    await page.screenshot({ path: join(this.pictures, `${name}.png`) })
  }

  async clean() {
    const contexts = this.open_
    this.open_ = []
    for (const context of contexts) await context.close().catch(() => {})
  }

  async stop() {
    for (const end of this.ends) await end()
    await this.browser.close()
    this.server.close()
    rmSync(this.scratch, { recursive: true, force: true })
  }
}
