/** The vault's way to a courier: a wish to the document around, and then a channel. */

import type { Provider, Sending } from '../core/refactoring'
import { fromCourier, type FromCourier, type ToCourier } from '../courier/messages'

export class Relay {
  #port: MessagePort | undefined
  /** Whose courier is there, or asked for. */
  provider: Provider | undefined
  #listener: (message: FromCourier) => void = () => {}
  /** Where the courier goes; known when it has said so. */
  base: string | undefined

  constructor() {
    const watch = new MutationObserver(() => this.#theme())
    watch.observe(document.documentElement, { attributeFilter: ['data-theme'] })
    addEventListener('message', event => {
      if (event.source !== parent || this.provider === undefined) return
      const [port] = event.ports
      const { courier, absent } = (event.data ?? {}) as { courier?: unknown; absent?: unknown }
      // One that was wished for before the last wish comes too late.
      if (port && !this.#port && courier === this.provider) this.#take(port)
      else if (absent === true) {
        const help = 'This page works where `badgateway sandbox --serve` serves it: no courier was found beside it.'
        this.#listener({ kind: 'failed', words: 'There is no courier to this provider.', help })
      }
    })
  }

  /** Puts a courier below the page, unless it is there; what it says goes to the listener. */
  open(provider: Provider, listener: (message: FromCourier) => void): void {
    this.#listener = listener
    if (this.provider === provider) {
      if (this.base !== undefined) listener({ kind: 'hello', provider, base: this.base })
      return
    }
    this.close()
    this.provider = provider
    this.#wish(provider)
  }

  /** Takes the courier away, and the key with it. */
  close(): void {
    if (this.provider === undefined) return
    this.#port?.close()
    this.#port = undefined
    this.provider = undefined
    this.base = undefined
    this.#wish(null)
  }

  send(request: Sending): void {
    this.#post({ kind: 'send', request })
  }

  cancel(): void {
    this.#post({ kind: 'cancel' })
  }

  #take(port: MessagePort): void {
    this.#port = port
    port.onmessage = ({ data }) => {
      const message = fromCourier(data)
      if (!message) return
      if (message.kind === 'hello') {
        if (message.provider !== this.provider) return
        this.base = message.base
      }
      this.#listener(message)
    }
    this.#theme()
  }

  /** Colours of the page, where a person has chosen them. */
  #theme(): void {
    const { theme } = document.documentElement.dataset
    if (theme === 'light' || theme === 'dark') this.#post({ kind: 'theme', theme })
  }

  #post(message: ToCourier): void {
    this.#port?.postMessage(message)
  }

  #wish(want: Provider | null): void {
    parent.postMessage({ want }, '*')
  }
}
