// Servers that answer like providers of language models, with their rules: what a browser gets to
// see, how they fail. They keep every byte that arrives. The same rules as lab/src/provider.rs.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as plain } from 'node:http'
import { createServer as secure } from 'node:https'
import { join } from 'node:path'

/** The key that all of them know. */
export const KEY = 'sk-test-4f9a1c77e2-Zq'

const MODEL_404 = 'model: unknown'

/** By the name of the host: whose rules, and how a key is given. */
const RULES = {
  'api.anthropic.com': { name: 'anthropic', path: /^\/v1\/messages$/, key: ['x-api-key', ''] },
  'api.openai.com': { name: 'openai', path: /^\/v1\/chat\/completions$/, key: ['authorization', 'Bearer '] },
  'openrouter.ai': {
    name: 'openrouter',
    path: /^\/api\/v1\/chat\/completions$/,
    key: ['authorization', 'Bearer '],
  },
  'generativelanguage.googleapis.com': {
    name: 'gemini',
    path: /^\/v1beta\/models\/[^/?]+:streamGenerateContent\?alt=sse$/,
    key: ['x-goog-api-key', ''],
  },
}
const LOCAL = { name: 'local', path: /^\/v1\/chat\/completions$/ }

export class Providers {
  /** `script`: (heard, n) => a text of the model, or `{status, headers, body, pieces, pause, cut}`. */
  static async start(folder) {
    const providers = new Providers()
    providers.heard = []
    providers.script = () => '[]'
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=providers']
    execFileSync('openssl', [...made, '-keyout', key, '-out', cert], { stdio: 'ignore' })
    const remote = secure({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
      providers.answer(RULES[request.headers.host.replace(/:.*/, '')], request, response),
    )
    const local = plain((request, response) => providers.answer(LOCAL, request, response))
    for (const server of [remote, local]) await new Promise(done => server.listen(0, '127.0.0.1', done))
    providers.servers = [remote, local]
    providers.local = `http://127.0.0.1:${local.address().port}`
    providers.port = remote.address().port
    providers.maps = Object.keys(RULES).map(host => `MAP ${host} 127.0.0.1:${providers.port}`)
    return providers
  }

  stop() {
    for (const server of this.servers) {
      server.close()
      server.closeAllConnections()
    }
  }

  get posts() {
    return this.heard.filter(one => one.method === 'POST')
  }

  /** Begins anew, with another model. */
  play(script) {
    this.heard = []
    this.script = script
  }

  async answer(rules, request, response) {
    const parts = []
    for await (const part of request) parts.push(part)
    const heard = {
      provider: rules.name,
      method: request.method,
      path: request.url,
      headers: request.headers,
      raw: request.rawHeaders,
      body: Buffer.concat(parts).toString('utf8'),
    }
    this.heard.push(heard)
    const said = refused(rules, heard) ?? this.script(heard, this.posts.length - 1)
    const reply = typeof said === 'string' ? streamed(rules.name, said) : said
    const allowed = reply.silent ? {} : cors(rules.name, heard, reply.status)
    response.writeHead(reply.status, { ...reply.headers, ...allowed })
    const pieces = reply.pieces ?? [reply.body ?? '']
    for (const [at, piece] of pieces.entries()) {
      if (reply.pause) await new Promise(done => setTimeout(done, reply.pause))
      if (response.destroyed) return
      response.write(piece)
      if (reply.cut && at >= pieces.length / 2) return void setTimeout(() => response.destroy(), 50)
    }
    response.end()
  }
}

export function error(status, message, headers = {}) {
  const body = JSON.stringify({ error: { message, type: 'error' } })
  return { status, headers: { 'content-type': 'application/json', ...headers }, body }
}

/** What the rules say before any model is asked. */
function refused(rules, { method, path, headers, body }) {
  if (method === 'OPTIONS') return { status: 204, headers: {} }
  if (rules.name === 'local' && !ofThisMachine(headers.origin)) return { status: 403, headers: {} }
  if (method !== 'POST' || !rules.path.test(path)) return error(404, 'no such path')
  if (headers.cookie || path.includes('key=')) return error(400, 'a key in the address')
  if (rules.key) {
    const [name, prefix] = rules.key
    // As some do, it repeats what it was given.
    if (headers[name] !== prefix + KEY) return error(401, `invalid key: ${headers[name]}`)
  }
  if (rules.name === 'anthropic' && headers['anthropic-version'] !== '2023-06-01')
    return error(400, 'anthropic-version: missing')
  if (headers['content-type'] !== 'application/json') return error(400, 'no JSON')
  if (/unknown/.test(path + (JSON.parse(body).model ?? ''))) return error(404, MODEL_404)
  return undefined
}

function ofThisMachine(origin) {
  return /^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?$/.test(origin ?? '')
}

/** What a browser is told. */
function cors(name, { headers }, status) {
  const asked = (headers['access-control-request-headers'] ?? '').split(',').map(one => one.trim())
  const asks = header => asked.includes(header) || headers[header] !== undefined
  const allowed = {
    anthropic: asks('anthropic-dangerous-direct-browser-access'),
    // A wrong path is answered without the header: it looks like a broken network.
    openai: status !== 404,
    gemini: status !== 404,
    openrouter: !asks('openai-beta'),
    local: ofThisMachine(headers.origin),
  }
  if (!allowed[name]) return {}
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': '*, authorization',
    'access-control-expose-headers': 'retry-after',
  }
}

/** A text in the format of a provider, some letters in each piece. */
export function streamed(name, text) {
  const parts = text.match(/[\s\S]{1,9}/g) ?? []
  const data = value => `data: ${JSON.stringify(value)}\n\n`
  const named = value => `event: ${value.type}\n${data(value)}`
  const pieces = {
    anthropic: () => [
      named({ type: 'message_start', message: {} }),
      ...parts.map(part =>
        named({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: part } }),
      ),
      named({ type: 'message_delta', delta: { stop_reason: 'end_turn' } }),
      named({ type: 'message_stop' }),
    ],
    gemini: () => [
      ...parts.map(part => data({ candidates: [{ content: { parts: [{ text: part }] } }] })),
      data({ candidates: [{ content: { parts: [] }, finishReason: 'STOP' }] }),
    ],
    chat: () => [
      ...parts.map(part => data({ choices: [{ delta: { content: part } }] })),
      data({ choices: [{ delta: {}, finish_reason: 'stop' }] }),
      'data: [DONE]\n\n',
    ],
  }
  const all = (pieces[name] ?? pieces.chat)()
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, pieces: all }
}
