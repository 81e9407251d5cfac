/** One finding: what is wrong, why, what to do. */

import type { App } from '../app'
import type { Finding, Fix } from '../core/answers'
import { button, count, h, uniqueId, type Child } from '../dom'
import { plainWords, words } from '../markdown'
import { visible } from '../paths'
import { applyFix, previewFix } from '../fixing'
import { explain } from './explain'
import { badge } from './icons'
import { codeFrame, copyButton, placeButton } from './parts'

const MOST_ROUTES = 6

/** The same finding after some typing elsewhere: its line may be another. */
export function keyOf(finding: Finding): string {
  return [finding.rule, finding.primary.path, finding.message, finding.routes[0] ?? ''].join('\n')
}

export interface Item {
  readonly element: HTMLElement
  readonly isOpen: boolean
  /** Takes over where the same finding is now. */
  update(finding: Finding): void
}

/** What a closed item shows. Its bytes move with every key that is pressed above it. */
export function shownOf({ severity, message, primary, rule }: Finding): string {
  return [severity, message, primary.path, primary.line, rule].join('\n')
}

export function findingItem(app: App, first: Finding, open: boolean): Item {
  let finding = first
  const id = uniqueId('finding')
  const body = h('div', { class: 'finding-body', id, hidden: true })
  const show = (open: boolean): void => {
    body.hidden = !open
    head.setAttribute('aria-expanded', String(open))
    body.replaceChildren(...(open ? details(app, finding) : []))
  }
  const toggle = (): void => {
    const open = body.hidden !== false
    show(open)
    // The text follows, but the focus stays: one reads the list from top to bottom.
    if (open) app.goTo(finding.primary)
  }
  const head = button(
    [
      badge(finding.severity),
      h('span', { class: 'message' }, words(finding.message)),
      h('span', { class: 'where' }, `${shortPath(finding.primary.path)}:${finding.primary.line}`),
    ],
    toggle,
    { class: 'finding-head', 'aria-expanded': 'false', 'aria-controls': id },
  )
  if (open) show(true)
  return {
    element: h('li', { class: `finding ${finding.severity}`, 'data-rule': finding.rule }, head, body),
    get isOpen() {
      return body.hidden === false
    },
    update: next => {
      finding = next
    },
  }
}

function shortPath(path: string): string {
  return visible(path.split('/').slice(-2).join('/'))
}

function details(app: App, finding: Finding): Node[] {
  const known = new Set(finding.because.map(step => step.place && placeKey(step.place)))
  const related = finding.related.filter(place => !known.has(placeKey(place)))
  const parts: Child[] = [
    codeFrame(finding.primary),
    h('p', { class: 'at' }, placeButton(app, finding.primary)),
    finding.because.length > 0 && [
      h('h4', {}, 'Because'),
      h(
        'ol',
        { class: 'because' },
        finding.because.map(step =>
          h('li', {}, words(step.text), step.place && [' ', placeButton(app, step.place)]),
        ),
      ),
    ],
    related.length > 0 && [
      h('h4', {}, 'See also'),
      h(
        'ul',
        { class: 'because' },
        related.map(place => h('li', {}, place.label && [words(place.label), ' '], placeButton(app, place))),
      ),
    ],
    finding.help && [h('h4', {}, 'What to do'), h('p', {}, words(finding.help))],
    finding.fix && fixPart(app, finding.fix),
    routes(finding.routes),
    h(
      'p',
      { class: 'more' },
      button(['Why it matters: ', h('code', {}, finding.rule)], () => explain(app, finding.rule), {
        class: 'small',
      }),
    ),
  ]
  return [h('div', {}, parts)]
}

function placeKey(place: { path: string; start_byte: number }): string {
  return `${place.start_byte} ${place.path}`
}

function routes(names: readonly string[]): Child {
  if (names.length === 0) return null
  const shown = names.slice(0, MOST_ROUTES)
  const rest = names.length - shown.length
  return [
    h('h4', {}, names.length === 1 ? 'Route' : 'Routes'),
    h(
      'p',
      { class: 'routes' },
      shown.map(name => h('code', {}, visible(name))),
      rest > 0 && ` and ${count(rest, 'more')}`.replace(/s$/, ''),
    ),
  ]
}

function fixPart(app: App, fix: Fix): Child {
  if (fix.applicability === 'display-only') {
    const text = fix.edits.map(edit => edit.text).join('\n')
    return [
      h('h4', {}, 'A suggestion'),
      h('p', {}, words(fix.title)),
      text && h('pre', {}, text),
      text && copyButton(app, () => text, plainWords(fix.title)),
    ]
  }
  const unsafe = fix.applicability === 'unsafe'
  return h(
    'div',
    { class: `fix ${fix.applicability}` },
    h(
      'p',
      {},
      h('b', {}, unsafe ? 'Unsafe fix' : 'Safe fix'),
      ': ',
      words(fix.title),
      unsafe &&
        h('span', { class: 'help' }, ' It may change behaviour beyond the flagged value: look at it first.'),
    ),
    h(
      'p',
      { class: 'actions' },
      button('Show the change', () => previewFix(app, fix), { class: unsafe ? 'main' : '' }),
      !unsafe && button('Apply', () => applyFix(app, fix), { class: 'main' }),
    ),
  )
}
