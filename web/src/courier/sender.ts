/** One request, as it was handed over, with the key in one header. */

import type { Reply, Sending } from '../core/refactoring'
import type { FromCourier } from './messages'

/** What an answer with edits never has. */
const MOST_BYTES = 16 * 1024 * 1024
const MOST_SENT = 4 * 1024 * 1024
/** Headers that the formats have, and no others. */
const HEADERS = ['content-type', 'anthropic-version', 'anthropic-dangerous-direct-browser-access']
const KEY_HEADERS = ['x-api-key', 'x-goog-api-key', 'authorization']

/** Why a request is not for this courier; nothing when it is. */
export function refusal(request: Sending, base: string): string | undefined {
  const address = URL.canParse(request.url) ? new URL(request.url) : undefined
  const { origin, pathname } = new URL(base)
  if (!address || address.origin !== origin || !address.pathname.startsWith(pathname)) {
    return `The request is for ${address?.host ?? 'no address'}: this courier goes to ${new URL(base).host} only.`
  }
  if (address.username || address.password || address.hash || !['', '?alt=sse'].includes(address.search)) {
    return 'The address of the request holds more than an address.'
  }
  const names = request.headers.map(([name]) => name)
  const foreign = names.find(name => !HEADERS.includes(name))
  if (foreign !== undefined) return `The request has a header that none has: ${foreign}.`
  if (request.key_header && !KEY_HEADERS.includes(request.key_header.name)) {
    return 'The key would stand in a header that is for no key.'
  }
  return request.body.length > MOST_SENT ? 'The request is too large.' : undefined
}

/** Whether a key can stand in a header, and in JSON as it is. */
export function isKey(text: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(text) && !/["\\]/.test(text)
}

/** Sends it. Whatever happens is told in one message; a cancelled request is told by its signal. */
export async function send(
  request: Sending,
  key: string,
  silence: string,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<FromCourier> {
  const headers = request.headers.map(([name, value]): [string, string] => [name, value])
  const { key_header: place } = request
  if (place && key !== '') headers.push([place.name, place.prefix + key])
  let response: Response
  try {
    response = await fetch(request.url, {
      method: 'POST',
      headers,
      body: request.body,
      mode: 'cors',
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal,
    })
  } catch {
    const { host } = new URL(request.url)
    return { kind: 'failed', words: `Nothing came from ${host} that a browser may see.`, help: silence }
  }
  const { body, cut } = await read(response, progress)
  const reply: Reply = {
    status: response.status,
    content_type: response.headers.get('content-type'),
    retry_after: response.headers.get('retry-after'),
    // Some repeat the key where they refuse it.
    body: key === '' ? body : body.replaceAll(key, '(the key)'),
    cut,
  }
  return { kind: 'reply', reply }
}

async function read(
  response: Response,
  progress: (bytes: number) => void,
): Promise<{ body: string; cut: boolean }> {
  const decoder = new TextDecoder()
  const reader = response.body?.getReader()
  let body = ''
  let bytes = 0
  try {
    for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
      bytes += part.value.length
      body += decoder.decode(part.value, { stream: true })
      progress(bytes)
      if (bytes > MOST_BYTES) {
        await reader?.cancel()
        break
      }
    }
    return { body: body + decoder.decode(), cut: false }
  } catch {
    return { body, cut: true }
  }
}
