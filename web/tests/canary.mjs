// Script inside of the program's frame tries every known way out. For each there is a listener of
// its own on loopback, which counts connections and bytes.
//
// These tests are the proof behind "nothing leaves this page", and docs/privacy.md is their report.
// What cannot be stopped is asserted to be so: the day it can, the document must say it.

import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

import { CHROMIUM, FLAGS } from './lib/lab.mjs'
import { WAYS } from './lib/ways.mjs'
import { equal, ok } from './lib/check.mjs'

/** Time for something to arrive. */
const PATIENCE_MS = 450

/** A listener for one attempt. */
async function canary() {
  const state = { connections: 0, bytes: 0 }
  const tcp = createServer(socket => {
    state.connections += 1
    socket.on('error', () => {})
    socket.on('data', data => {
      state.bytes += data.length
      socket.end('HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 0\r\n\r\n')
    })
  })
  await new Promise(done => tcp.listen(0, '127.0.0.1', done))
  const { port } = tcp.address()
  const udp = createSocket('udp4')
  udp.on('message', data => {
    state.bytes += data.length
  })
  await new Promise(done => udp.bind(port, '127.0.0.1', done))
  return {
    state,
    port,
    close: () => {
      tcp.close()
      udp.close()
    },
  }
}

/**
 * Going to another address. The policy refuses it before a byte is sent, but Chromium has opened an
 * empty connection to the host by then, to be quick. No policy and no sandbox stops that.
 */
const GOING = new Set([
  'frame',
  'frame, then its address',
  'window.open over itself',
  'location =',
  'location.replace',
  'navigation.navigate',
  'click on a link',
  'download of a link',
  'refresh by a meta element',
])

/**
 * What is not heard even where nothing stops it, because it needs more than a listener: scripts of
 * the same origin, an installed app, a playing video, a browser with a window. It is tried all the same.
 */
const NOT_HEARD = new Set([
  'use in SVG',
  'worker',
  'service worker',
  'manifest',
  'speculation rules',
  'track of a video',
  'shared storage, private aggregation, topics',
])

/** Runs as any other script: during an evaluation itself, browsers let `eval` pass. */
function attempt(way, port) {
  return `new Promise((yes, no) => setTimeout(() => {
    try { Promise.resolve((${way})(${port})).then(() => yes('done'), no) } catch (error) { no(error) }
  }))`
}

/** A few at a time: each waits most of its time. */
async function inParallel(all, run) {
  const left = [...all]
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next)
    }),
  )
}

/** Tries some ways in one page, one after the other; each has a listener of its own. */
async function tried(open, ways) {
  const { app, page } = await open()
  const birds = []
  for (const way of ways) {
    const bird = await canary()
    const said = await Promise.race([
      app.evaluate(attempt(way, bird.port)).catch(error => String(error).split('\n')[0]),
      new Promise(done => setTimeout(() => done('no answer'), PATIENCE_MS)),
    ])
    birds.push({ ...bird, said })
  }
  await new Promise(done => setTimeout(done, 2 * PATIENCE_MS))
  await page.context().close()
  return birds.map(({ state, said, close }) => {
    close()
    return { ...state, said }
  })
}

/** These end the frame's document too, without going anywhere. */
const ENDING = new Set(['a blob: document', 'ping of a link', 'a javascript: address'])

/** Ways that end the frame's document need a page each; the others share some. */
function shared(names) {
  const alone = names.filter(name => GOING.has(name) || ENDING.has(name))
  const staying = names.filter(name => !alone.includes(name))
  const groups = Array.from({ length: 6 }, (_, index) => staying.filter((_, at) => at % 6 === index))
  return [...groups, ...alone.map(name => [name])]
}

/** `open` opens a page and says in which frame of it the ways are tried. */
export async function noWayOut(open) {
  const out = []
  const empty = []
  const lost = []
  await inParallel(shared(Object.keys(WAYS)), async names => {
    const all = await tried(
      open,
      names.map(name => WAYS[name]),
    )
    all.forEach(({ connections, bytes, said }, index) => {
      const name = names[index]
      if (process.env.VERBOSE)
        console.log(`      ${name}: ${connections} connections, ${bytes} bytes; ${said}`)
      if (bytes > 0 || (connections > 0 && !GOING.has(name))) out.push(name)
      else if (connections > 0) empty.push(name)
      // In a frame that is gone nothing was tried.
      if (names.length > 1 && /destroyed|detached|closed/.test(said)) lost.push(name)
    })
  })
  equal(out.join(', '), '', 'ways out')
  equal(lost.join(', '), '', 'not tried')
  return `${Object.keys(WAYS).length} ways tried, no byte got out; ${empty.length} of ${GOING.size} ways to go elsewhere opened an empty connection, which cannot be stopped`
}

/** Without a policy and a frame the same attempts get through: the listeners do hear. */
async function listenersHear(lab) {
  const context = await lab.browser.newContext()
  const deaf = []
  const heard = async (name, bird) => {
    const page = await context.newPage()
    await page.goto(`${lab.own}free`)
    void page.evaluate(attempt(WAYS[name], bird.port)).catch(() => {})
    for (let waited = 0; waited < 1500 && bird.state.bytes === 0; waited += 50)
      await new Promise(done => setTimeout(done, 50))
    await page.close()
  }
  await inParallel(Object.keys(WAYS), async name => {
    const bird = await canary()
    // A page that waits for an answer of ours may be slow to close; nobody waits for it.
    await Promise.race([heard(name, bird).catch(() => {}), new Promise(done => setTimeout(done, 6000))])
    if (bird.state.bytes === 0) deaf.push(name)
    bird.close()
  })
  void context.close().catch(() => {})
  if (process.env.VERBOSE) console.log('      deaf:', deaf)
  equal(deaf.filter(name => !NOT_HEARD.has(name)).join(', '), '', 'not heard')
  const { length } = Object.keys(WAYS)
  return `${length - deaf.length} of ${length} ways get through where nothing stops them`
}

/** No policy of any browser covers it. */
async function webRtc(lab) {
  const way = port => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] })
    peer.createDataChannel('x')
    return peer.createOffer().then(offer => peer.setLocalDescription(offer))
  }
  const [{ bytes }] = await tried(() => lab.open({ address: lab.http }), [way])
  ok(bytes > 0, 'WebRTC is stopped now: say so in docs/privacy.md')
  return `cannot be stopped: ${bytes} bytes arrived`
}

/** A name that stands nowhere. */
const NAME = 'canary-of-badgateway.invalid'

/** A request, an image and a new address, each to a host of its own. */
const NAMES = {
  fetch: name => fetch(`http://fetch.${name}/`),
  image: name => {
    new Image().src = `http://image.${name}/`
  },
  going: name => {
    location = `http://going.${name}/`
  },
}

/** The names that a page makes the browser look up, from the browser's own log of the network. */
async function lookedUp(lab, address) {
  const folder = mkdtempSync(join(tmpdir(), 'badgateway-netlog-'))
  const log = join(folder, 'net.json')
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS, `--log-net-log=${log}`],
  })
  const page = await browser.newPage()
  await page.goto(address)
  const frame = page.frames()[1] ?? page.mainFrame()
  for (const way of Object.values(NAMES)) {
    await frame.evaluate(attempt(way, JSON.stringify(NAME))).catch(() => {})
    await new Promise(done => setTimeout(done, 700))
  }
  await browser.close()
  const text = readFileSync(log, 'utf8')
  rmSync(folder, { recursive: true, force: true })
  return Object.keys(NAMES).filter(part => text.includes(`${part}.${NAME}`))
}

/** A looked-up name is a message to whoever runs the domain. Only a new address causes one. */
async function namesLookedUp(lab) {
  equal(
    (await lookedUp(lab, `${lab.own}free`)).join(),
    'fetch,image,going',
    'the log shows what is looked up',
  )
  equal(
    (await lookedUp(lab, lab.http)).join(),
    'going',
    'a new address: say in docs/privacy.md what has changed',
  )
  return 'cannot be stopped: the name of a refused new address is looked up; names of refused requests are not'
}

export default {
  'the listeners hear what is not stopped': listenersHear,
  'no way out over http': lab => noWayOut(() => lab.open({ address: lab.http })),
  'no way out from the disk': lab => noWayOut(() => lab.open({ address: lab.file })),
  'WebRTC cannot be stopped': webRtc,
  'names that are looked up': namesLookedUp,
}
