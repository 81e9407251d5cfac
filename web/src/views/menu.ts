/** A button with a short list of things to do. */

import { button, h, uniqueId, type Child } from '../dom'

export interface Item {
  readonly label: string
  readonly hint?: string
  readonly run: () => void
  readonly disabled?: boolean
}

/** `items` is asked each time the list opens. */
export function menu(label: Child, name: string, items: () => readonly Item[], kind = ''): HTMLElement {
  const id = uniqueId('menu')
  const list = h('div', { class: 'menu', id, popover: 'auto' })
  const opener = h(
    'button',
    { type: 'button', class: kind, popovertarget: id, 'aria-expanded': 'false', 'aria-label': name },
    label,
  )
  list.addEventListener('beforetoggle', event => {
    if (event.newState !== 'open') return
    list.replaceChildren(...items().map(item => row(item, list)))
  })
  list.addEventListener('toggle', event => {
    const open = event.newState === 'open'
    opener.setAttribute('aria-expanded', String(open))
    if (!open) return
    beside(list, opener)
    list.querySelector('button')?.focus()
  })
  list.addEventListener('keydown', event => move(list, event))
  return h('span', { class: 'has-menu' }, opener, list)
}

function row(item: Item, list: HTMLElement): HTMLElement {
  const run = (): void => {
    list.hidePopover()
    item.run()
  }
  const hint = item.hint ? h('small', {}, item.hint) : null
  return button([h('span', {}, item.label), hint], run, { disabled: item.disabled })
}

/** Under its button, and inside of the window. */
function beside(list: HTMLElement, opener: HTMLElement): void {
  const at = opener.getBoundingClientRect()
  const left = Math.min(at.left, innerWidth - list.offsetWidth - 8)
  const below = at.bottom + 4
  const top = below + list.offsetHeight > innerHeight ? at.top - list.offsetHeight - 4 : below
  list.style.left = `${Math.max(8, left)}px`
  list.style.top = `${Math.max(8, top)}px`
}

function move(list: HTMLElement, event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step) return
  event.preventDefault()
  const rows = [...list.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')]
  const at = rows.indexOf(document.activeElement as HTMLButtonElement)
  rows[(at + step + rows.length) % rows.length]?.focus()
}
