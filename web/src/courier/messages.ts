/**
 * What the parts say to each other. Whatever comes in is looked at before it is believed: each part
 * is written so that the other may be anybody's.
 */

import type { Provider, Reply, Sending } from '../core/refactoring'

export const PROVIDERS: readonly Provider[] = ['anthropic', 'openai', 'gemini', 'openrouter', 'local']

/** From the vault to the document around it. */
export interface Wish {
  readonly want: Provider | null
}

/** From the courier to the vault. None of them has a place for the key. */
export type FromCourier =
  | { readonly kind: 'hello'; readonly provider: Provider; readonly base: string }
  /** The request is there and the key is not. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** Nothing came, in words for people. */
  | { readonly kind: 'failed'; readonly words: string; readonly help: string }

/** From the vault to the courier. */
export type ToCourier =
  | { readonly kind: 'send'; readonly request: Sending }
  | { readonly kind: 'cancel' }
  /** Colours, when a person has chosen others than the system has. */
  | { readonly kind: 'theme'; readonly theme: 'light' | 'dark' }

type Bag = Readonly<Record<string, unknown>>

function bag(data: unknown): Bag | undefined {
  return typeof data === 'object' && data !== null ? (data as Bag) : undefined
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value)
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

export function providerOf(value: unknown): Provider | undefined {
  return PROVIDERS.find(name => name === value)
}

export function wishOf(data: unknown): Wish | undefined {
  const want = bag(data)?.want
  if (want === null) return { want }
  const provider = providerOf(want)
  return provider && { want: provider }
}

export function toCourier(data: unknown): ToCourier | undefined {
  const said = bag(data)
  if (said?.kind === 'cancel') return { kind: 'cancel' }
  if (said?.kind === 'theme') return { kind: 'theme', theme: said.theme === 'dark' ? 'dark' : 'light' }
  const request = sendingOf(said?.request)
  return said?.kind === 'send' && request ? { kind: 'send', request } : undefined
}

/** A request, and nothing that is not one. */
function sendingOf(data: unknown): Sending | undefined {
  const { url, headers, key_header: given, needs_key, body } = bag(data) ?? {}
  if (!isText(url) || !isText(body) || typeof needs_key !== 'boolean') return undefined
  const isPair = (one: unknown): boolean => Array.isArray(one) && one.length === 2 && one.every(isText)
  if (!Array.isArray(headers) || !headers.every(isPair)) return undefined
  const { name, prefix } = bag(given) ?? {}
  const key_header = isText(name) && isText(prefix) ? { name, prefix } : null
  if (given !== null && !key_header) return undefined
  return { url, headers: headers as [string, string][], key_header, needs_key, body }
}

export function fromCourier(data: unknown): FromCourier | undefined {
  const said = bag(data)
  switch (said?.kind) {
    case 'hello': {
      const provider = providerOf(said.provider)
      return provider && isText(said.base) ? { kind: 'hello', provider, base: said.base } : undefined
    }
    case 'waiting':
    case 'sending':
      return { kind: said.kind }
    case 'progress':
      return isNumber(said.bytes) ? { kind: 'progress', bytes: said.bytes } : undefined
    case 'failed': {
      const { words, help } = said
      return isText(words) && isText(help) ? { kind: 'failed', words, help } : undefined
    }
    case 'reply': {
      const reply = replyOf(said.reply)
      return reply && { kind: 'reply', reply }
    }
    default:
      return undefined
  }
}

function replyOf(data: unknown): Reply | undefined {
  const { status, content_type, retry_after, body, cut } = bag(data) ?? {}
  if (!isNumber(status) || !isText(body) || typeof cut !== 'boolean') return undefined
  if (!isTextOrNull(content_type) || !isTextOrNull(retry_after)) return undefined
  return { status, content_type, retry_after, body, cut }
}
