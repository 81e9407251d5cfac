/** A window to paste or type a text into. */

import type { App } from '../app'
import { h } from '../dom'
import { openDialog } from './dialog'

export function pasteDialog(app: App): void {
  const field = h('textarea', { id: 'pasted', rows: 14, spellcheck: 'false', autocomplete: 'off' })
  const submit = (event: Event): void => {
    event.preventDefault()
    if (field.value.trim() === '') return field.focus()
    dialog.close()
    app.takeText(field.value)
  }
  const form = h(
    'form',
    { onsubmit: submit },
    h('label', { for: 'pasted' }, 'A configuration of nginx, PHP-FPM or PHP, a dump of nginx -T, or log lines'),
    field,
    h('p', { class: 'help' }, 'What it is is told from its content.'),
    h('p', { class: 'actions' }, h('button', { type: 'submit', class: 'main' }, 'Add')),
  )
  const dialog = openDialog('Paste or type a text', form, 'large')
  field.focus()
}
