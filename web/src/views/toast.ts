/** Short messages: said aloud, and shown for a while. */

import { h } from '../dom'

const SHOWN_MS = 7000

export function toastView(): { element: HTMLElement; say: (text: string) => void } {
  const element = h('div', { class: 'toast', role: 'status' })
  let timer: ReturnType<typeof setTimeout> | undefined
  const say = (text: string): void => {
    // The same words again must be heard again.
    element.textContent = ''
    element.append(h('span', {}, text))
    clearTimeout(timer)
    timer = setTimeout(() => element.replaceChildren(), SHOWN_MS + text.length * 40)
  }
  return { element, say }
}
