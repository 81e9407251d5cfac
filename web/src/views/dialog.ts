/** A window above the page. The browser keeps the focus in it and gives it back at the end. */

import { button, h, uniqueId, type Child } from '../dom'
import { LINES, lineIcon } from './icons'

export interface Dialog {
  readonly element: HTMLDialogElement
  close(): void
}

export function openDialog(title: string, content: Child, kind = ''): Dialog {
  const id = uniqueId('dialog')
  const close = (): void => element.close()
  const element: HTMLDialogElement = h(
    'dialog',
    { class: `dialog ${kind}`, 'aria-labelledby': id, onclose: () => element.remove() },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id }, title),
      button(lineIcon(LINES.close), close, { class: 'plain', 'aria-label': 'Close' }),
    ),
    h('div', { class: 'dialog-body', tabindex: 0, role: 'group', 'aria-labelledby': id }, content),
  )
  // A click beside the window closes it, as people expect; Escape does so anyway.
  element.addEventListener('click', event => {
    if (event.target === element) close()
  })
  document.body.append(element)
  element.showModal()
  return { element, close }
}
