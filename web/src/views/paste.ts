/** A window to paste or type a text into. */

import type { App } from '../app'
import { button, h } from '../dom'
import { openDialog } from './dialog'

export function pasteDialog(app: App): void {
  const field = h('textarea', { id: 'pasted', rows: 14, spellcheck: 'false', autocomplete: 'off' })
  const submit = (): void => {
    if (field.value.trim() === '') return field.focus()
    dialog.close()
    app.takeText(field.value)
  }
  // No form element: in a frame that may send none, not even its event comes.
  const form = h(
    'div',
    { class: 'form' },
    h(
      'label',
      { for: 'pasted' },
      'A configuration of nginx, PHP-FPM or PHP, a dump of nginx -T, or log lines',
    ),
    field,
    h('p', { class: 'help' }, 'What it is is told from its content.'),
    h('p', { class: 'actions' }, button('Add', submit, { class: 'main' })),
  )
  const dialog = openDialog('Paste or type a text', form, 'large')
  field.focus()
}
