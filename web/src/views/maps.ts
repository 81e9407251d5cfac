/**
 * Which pool answers at an address. Files that come from containers name services, and no name
 * server is asked; so a person says it.
 */

import type { App } from '../app'
import { button, h, uniqueId, type Child } from '../dom'
import { visible } from '../paths'

export function mapForm(app: App, address: string): HTMLElement {
  const id = uniqueId('pool')
  const field = h('input', {
    type: 'text',
    id,
    size: 14,
    placeholder: 'www',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const submit = (): void => {
    const pool = field.value.trim()
    if (pool === '') return field.focus()
    const others = app.judge.maps.filter(map => !map.startsWith(`${address}=`))
    app.judge.maps = [...others, `${address}=${pool}`]
    app.judge.now()
    app.say(`${visible(address)} is answered by the pool ${visible(pool)}`)
  }
  field.addEventListener('keydown', event => {
    if (event.key === 'Enter') submit()
  })
  return h(
    'p',
    { class: 'actions' },
    h('label', { for: id }, 'The pool at ', h('code', {}, visible(address)), ' is'),
    field,
    button('Say so', submit, { class: 'small' }),
  )
}

/** What was said, and how to take it back. */
export function mapList(app: App): Child {
  if (app.judge.maps.length === 0) return null
  const forget = (map: string): void => {
    app.judge.maps = app.judge.maps.filter(other => other !== map)
    app.judge.now()
  }
  return h(
    'ul',
    { class: 'maps', role: 'list' },
    app.judge.maps.map(map =>
      h(
        'li',
        {},
        'You said: ',
        h('code', {}, visible(map)),
        ' ',
        button('Forget', () => forget(map), { class: 'small', 'aria-label': `Forget ${visible(map)}` }),
      ),
    ),
  )
}
