/**
 * The document around: it puts a courier beside the vault and hands each of them one end of a
 * channel. What they say to each other does not come by here.
 */

import { wishOf } from '../courier/messages'
import type { Provider } from '../core/refactoring'

/** A part of the window, so that the vault always stays in sight. */
const MOST_HEIGHT = 0.5
/** A courier is a small file: if it is not there by then, it is not served. */
const PATIENCE_MS = 10_000

const vault = document.querySelector('iframe')
let courier: HTMLIFrameElement | undefined
let whose: Provider | undefined
let late: ReturnType<typeof setTimeout> | undefined

function put(provider: Provider): void {
  const frame = document.createElement('iframe')
  frame.title = `Courier to ${provider}`
  // Ollama refuses pages without an origin; no other provider needs one.
  const more = provider === 'local' ? ' allow-same-origin' : ''
  frame.setAttribute('sandbox', `allow-scripts${more}`)
  frame.setAttribute('referrerpolicy', 'no-referrer')
  frame.src = `courier-${provider}.html`
  remove()
  courier = frame
  whose = provider
  document.body.append(frame)
  late = setTimeout(() => vault?.contentWindow?.postMessage({ absent: true }, '*'), PATIENCE_MS)
}

function remove(): void {
  clearTimeout(late)
  courier?.remove()
  courier = undefined
}

addEventListener('message', event => {
  if (!vault?.contentWindow || event.source === null) return
  if (event.source === vault.contentWindow) {
    const wish = wishOf(event.data)
    if (wish?.want) put(wish.want)
    else if (wish) remove()
    return
  }
  if (!courier || event.source !== courier.contentWindow) return
  const { ready, height } = (event.data ?? {}) as { ready?: unknown; height?: unknown }
  if (typeof height === 'number') {
    courier.style.height = `${Math.min(Math.ceil(height) + 2, innerHeight * MOST_HEIGHT)}px`
  }
  if (ready === true) {
    clearTimeout(late)
    // Neither frame has an origin that could be named here; what each may become is in the policy.
    const { port1, port2 } = new MessageChannel()
    vault.contentWindow.postMessage({ courier: whose }, '*', [port1])
    courier.contentWindow.postMessage({ vault: true }, '*', [port2])
  }
})
