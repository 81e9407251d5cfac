/** Keys, and what the signs mean. */

import { h, type Child } from '../dom'
import { keys } from '../keys'
import { openDialog } from './dialog'
import { badge } from './icons'
import { VIEWS } from './tabs'

export function showHelp(): void {
  const single = h('input', {
    type: 'checkbox',
    id: 'single-keys',
    checked: keys.single,
    onchange: () => {
      keys.single = single.checked
    },
  })
  openDialog('Help and keys', [
    h('h3', {}, 'Anywhere but in a text'),
    h('p', {}, single, h('label', { for: 'single-keys' }, 'single keys work')),
    table([
      ['?', 'this help'],
      [`1 … ${VIEWS.length}`, VIEWS.join(', ')],
      ['n, p', 'next finding, previous finding'],
      ['f', 'files'],
      ['e', 'text'],
      ['/', 'filter findings'],
      ['o', 'open files'],
      ['u, Shift+u', 'undo, do again'],
      ['t', 'light or dark'],
      ['Ctrl+V', 'paste a text or files as a new file'],
    ]),
    h('h3', {}, 'Everywhere'),
    table([
      ['F6, Shift+F6', 'next part of the page, previous part'],
      ['Escape', 'close a window or a list'],
    ]),
    h('h3', {}, 'In a text'),
    table([
      ['Tab, Shift+Tab', 'leave the text'],
      ['F8, Shift+F8', 'next finding of this file, previous one'],
      ['Ctrl+F', 'search'],
      ['Ctrl+Z, Ctrl+Y', 'undo and redo of typing'],
      ['Ctrl+]', 'indent'],
    ]),
    h('h3', {}, 'Signs'),
    h(
      'ul',
      { class: 'legend', role: 'list' },
      h('li', {}, badge('error'), ' a server refuses it, or requests fail because of it'),
      h('li', {}, badge('warning'), ' it will do harm under load or when something else fails'),
      h('li', {}, badge('info'), ' worth knowing; hidden until you ask for it'),
      h('li', {}, badge('unknown'), ' could not be read, known or judged: nothing is said of it'),
    ),
  ])
}

function table(rows: readonly (readonly [string, Child])[]): HTMLElement {
  return h(
    'table',
    { class: 'keys' },
    h(
      'tbody',
      {},
      rows.map(([key, what]) =>
        h(
          'tr',
          {},
          h(
            'th',
            { scope: 'row' },
            key.split(', ').map((one, index) => [index > 0 && ' ', h('kbd', {}, one)]),
          ),
          h('td', {}, what),
        ),
      ),
    ),
  )
}
