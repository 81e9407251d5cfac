/**
 * The courier: it knows the key and one address, and nothing of the files. The policy of this
 * document lets it speak to that address and to no other; the key is in this document only.
 */

import { button, count, h, replace } from '../dom'
import type { Sending } from '../core/refactoring'
import { providerOf, toCourier, type FromCourier } from './messages'
import { isKey, refusal, send } from './sender'
import { WORDS } from './words'

const provider = providerOf(document.body.dataset.provider) ?? 'local'
const words = WORDS[provider]
/** What the policy allows is the address: there is no second place that could say otherwise. */
const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? ''
const base = (/connect-src (\S+?)(?:;|$)/.exec(policy)?.[1] ?? '') + words.path
const { host } = new URL(base)

let key = ''
let port: MessagePort | undefined
let waiting: Sending | undefined
let running: AbortController | undefined

const field = h('input', {
  type: 'password',
  id: 'key',
  autocomplete: 'off',
  spellcheck: 'false',
  autocapitalize: 'off',
  onkeydown: event => {
    if (event.key === 'Enter') take()
  },
})
const use = button('Use this key', take, { class: 'main' })
const forgetButton = button('Forget the key', () => {
  forget()
  say('The key is forgotten.')
})
const cancelButton = button('Cancel', cancel)
const asks = h(
  'p',
  { class: 'row' },
  h('label', { for: 'key' }, words.needsKey ? `Your key for ${words.name}` : 'A key, if it wants one'),
  field,
  use,
)
const state = h('p', { class: 'state', role: 'status' })
const main = h(
  'main',
  {},
  h('p', { class: 'to' }, 'Courier to ', h('b', {}, words.name), ' ', h('code', {}, base)),
  asks,
  h('p', { class: 'row' }, state, cancelButton, forgetButton),
)

function say(text: string): void {
  if (state.textContent !== text) replace(state, text)
  asks.hidden = key !== ''
  forgetButton.hidden = key === ''
  cancelButton.hidden = !running && !waiting
  use.textContent = waiting && words.needsKey ? 'Use this key and send' : 'Use this key'
}

function tell(message: FromCourier): void {
  port?.postMessage(message)
}

function forget(): void {
  key = ''
  field.value = ''
}

function take(): void {
  const typed = field.value.trim()
  field.value = ''
  if (!isKey(typed)) {
    say('That is no key: letters, digits and signs without a space are.')
    field.focus()
    return
  }
  key = typed
  say('The key is held in memory, until this page closes or you let it be forgotten.')
  if (waiting) void go(waiting)
}

function cancel(): void {
  running?.abort()
  if (!waiting) return
  waiting = undefined
  tell({ kind: 'failed', words: 'Nothing was sent.', help: '' })
  say('Nothing was sent.')
}

/** Takes a request, and sends it when there is a key or none is needed. */
function accept(request: Sending): void {
  const wrong = running ? 'Another request is under way.' : refusal(request, base)
  if (wrong !== undefined) {
    tell({ kind: 'failed', words: wrong, help: 'The courier refused it: nothing was sent.' })
    return say(wrong)
  }
  if (!request.needs_key || key !== '') return void go(request)
  waiting = request
  tell({ kind: 'waiting' })
  say(`${count(request.body.length, 'byte')} for ${host} wait for the key.`)
  field.focus()
}

async function go(request: Sending): Promise<void> {
  waiting = undefined
  const own = new AbortController()
  running = own
  tell({ kind: 'sending' })
  const sent = `${count(request.body.length, 'byte')} to ${host}`
  say(`${sent}, no answer yet …`)
  const said = await send(request, key, words.silence, own.signal, bytes => {
    say(`${sent}, ${count(bytes, 'byte')} of an answer …`)
    tell({ kind: 'progress', bytes })
  })
  running = undefined
  if (own.signal.aborted) {
    tell({ kind: 'failed', words: 'Cancelled.', help: 'What had been sent by then was sent.' })
    return say('Cancelled.')
  }
  if (said.kind === 'reply' && said.reply.status === 401) forget()
  say(said.kind === 'reply' ? `${sent}, answered with status ${said.reply.status}.` : 'Nothing came back.')
  tell(said)
}

/** The document around this one is of the same server; whoever else frames this page gets nothing. */
function isOurs(event: MessageEvent): boolean {
  return event.source === parent && parent !== self && event.origin === location.origin
}

addEventListener('message', event => {
  const [given] = event.ports
  if (port || !given || !isOurs(event)) return
  port = given
  port.onmessage = ({ data }) => {
    const message = toCourier(data)
    if (message?.kind === 'send') accept(message.request)
    else if (message?.kind === 'cancel') cancel()
    else if (message) document.documentElement.dataset.theme = message.theme
  }
  tell({ kind: 'hello', provider, base })
})
addEventListener('pagehide', () => {
  running?.abort()
  waiting = undefined
  forget()
})

document.body.replaceChildren(parent === self ? outside() : main)
say(
  words.needsKey
    ? `The key stays in this frame, in memory. It goes to ${host}, in one header, and nowhere else.`
    : `This frame speaks to ${host} and to nobody else.`,
)
if (parent !== self) {
  // Nothing is said but that this frame is there, and how high it wants to be.
  new ResizeObserver(() => parent.postMessage({ height: main.offsetHeight }, '*')).observe(main)
  parent.postMessage({ ready: true }, '*')
}

function outside(): HTMLElement {
  return h('main', {}, h('p', {}, 'This is a part of badgateway’s page refactor.html, and does nothing alone.'))
}
