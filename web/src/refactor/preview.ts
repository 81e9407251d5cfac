/** What would be sent, before it is: as it is read, and byte for byte. */

import type { Question as Asked, Sending } from '../core/refactoring'
import { button, count, h, type Child } from '../dom'
import { visible } from '../paths'

export interface Doings {
  readonly send: () => void
  readonly not: () => void
}

export function preview(asked: Asked, round: number, doings: Doings): HTMLElement {
  const { request } = asked
  const { host } = new URL(request.url)
  const title = round === 1 ? 'This would be sent' : 'The second question, and the last'
  return h(
    'section',
    { 'aria-labelledby': 'ask-title' },
    h('h3', { id: 'ask-title', tabindex: -1 }, title),
    round > 1 &&
      h('p', {}, 'Edits of the first answer were thrown away. The model would be told why, and asked again.'),
    h(
      'p',
      { class: 'lead' },
      `${count(asked.findings, 'finding')}, ${count(asked.sent.length, 'file')}, ${count(request.body.length, 'byte')} to ${host}`,
    ),
    h(
      'p',
      {},
      `${count(asked.placeholders, 'value')} of yours ${asked.placeholders === 1 ? 'has a placeholder' : 'have placeholders'} in it. Read it: no tool knows every secret.`,
      asked.more > 0 && ` ${count(asked.more, 'finding')} more do not fit into one question.`,
    ),
    h(
      'ul',
      { class: 'sent' },
      asked.sent.map(({ label, path }) =>
        h('li', {}, h('code', {}, label), ' is ', h('code', {}, visible(path))),
      ),
    ),
    h(
      'p',
      { class: 'actions' },
      button(`Send to ${host}`, doings.send, { class: 'main' }),
      button(round === 1 ? 'Not now' : 'Leave it at the first answer', doings.not),
    ),
    folded('As it is read', readable(request, round), true),
    folded('The body, byte for byte', pre(request.body, 'The body, byte for byte'), false),
    folded('The address and the headers', head(request), false),
  )
}

function folded(title: string, content: Child, open: boolean): HTMLElement {
  return h('details', { open }, h('summary', {}, title), content)
}

function pre(text: string, label: string): HTMLElement {
  // Line feeds of the texts are theirs; whatever else cannot be seen is shown by its number.
  const lines = text.split('\n').map(visible).join('\n')
  return h('pre', { class: 'bytes', tabindex: 0, role: 'region', 'aria-label': label }, lines)
}

/** The texts of the body, whatever its format; those that say nothing are left to the bytes. */
function readable(request: Sending, round: number): Child {
  const texts: [string, string][] = []
  const collect = (name: string, value: unknown): void => {
    if (typeof value === 'string') texts.push([name, value])
    else if (Array.isArray(value)) value.forEach((one, at) => collect(`${name} ${at + 1}`, one))
    else if (typeof value === 'object' && value !== null) {
      for (const [key, one] of Object.entries(value)) collect(name ? `${name}, ${key}` : key, one)
    }
  }
  collect('', JSON.parse(request.body))
  const long = texts.filter(([, text]) => text.includes('\n') || text.length > 40)
  // Of a second question what is new comes first.
  return (round > 1 ? long.reverse() : long).map(([name, text]) => [h('h4', {}, name), pre(text, name)])
}

function head(request: Sending): HTMLElement {
  const key = request.key_header
  const lines = [
    `POST ${request.url}`,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    ...(key ? [`${key.name}: ${key.prefix}(the key, which the courier puts here)`] : []),
    'and those that every browser sends: origin, user-agent, accept, language',
  ]
  return pre(lines.join('\n'), 'The address and the headers')
}
