/** One cause of failures: how sure it is, what shows it, what to change. */

import type { App } from '../app'
import type { CauseGroup, Counted, Diagnosis, Evidence } from '../core/answers'
import { count, h, svg, type Child, button } from '../dom'
import { words } from '../markdown'
import { visible } from '../paths'
import { explain } from './explain'
import { copyButton, placeButton } from './parts'

const CONFIDENCE: Readonly<Record<CauseGroup['confidence'], { sign: string; word: string; means: string }>> =
  {
    certain: { sign: '●', word: 'certain', means: 'every link of the proof is in the logs' },
    likely: { sign: '◐', word: 'likely', means: 'the evidence fits, but a link is missing' },
    undetermined: { sign: '○', word: 'undetermined', means: 'several causes fit' },
  }

const HARMS: Readonly<Record<string, (number: number) => string>> = {
  'client-error': number => `${count(number, 'request')} got an error page`,
  'broken-page': number => `${count(number, 'request')} got a broken page with status 200`,
  unknown: number => `${count(number, 'log line')} without a known request`,
  'client-left': number => `${count(number, 'client')} left before the answer`,
  hidden: number => `${count(number, 'failure')} hidden by a retry`,
}

export function causeCard(app: App, group: CauseGroup, diagnosis: Diagnosis): HTMLElement {
  const { sign, word, means } = CONFIDENCE[group.confidence]
  const harms = group.harms.length > 0 ? group.harms : [{ harm: group.harm, count: group.count }]
  return h(
    'article',
    { class: `cause ${group.confidence}`, 'data-cause': group.cause },
    h('h3', { class: 'sentence' }, words(group.title)),
    h(
      'p',
      { class: 'sure' },
      h('span', { class: 'confidence' }, h('span', { 'aria-hidden': 'true' }, `${sign} `), word),
      `: ${means}. `,
      h('b', {}, count(group.count, 'time')),
      harms.map(one => `; ${HARMS[one.harm]?.(one.count) ?? one.harm}`),
      span(group),
    ),
    timeline(group, diagnosis),
    h(
      'dl',
      { class: 'counted' },
      counted('Routes', group.routes),
      counted('Pools', group.pools),
      counted('Scripts', group.scripts),
      counted('Statuses', group.statuses),
    ),
    group.candidates.length > 0 && [
      h('h4', {}, 'Any of these fits'),
      h(
        'ul',
        {},
        group.candidates.map(one =>
          h(
            'li',
            {},
            button(words(one.title), () => explain(app, one.cause), { class: 'link' }),
            h('p', { class: 'help' }, 'Would decide it: ', words(one.decides)),
          ),
        ),
      ),
    ],
    list('Because', group.because),
    evidence(app, group.evidence),
    group.places.length > 0 && [
      h('h4', {}, 'Where in the configuration'),
      h(
        'ul',
        {},
        group.places.map(place =>
          h(
            'li',
            {},
            placeButton(app, { path: place.file, line: place.line }),
            ' ',
            h('code', {}, visible(place.text)),
            place.label && ` ${place.label}`,
          ),
        ),
      ),
    ],
    list('What to change', group.advice),
    group.diff && [
      h('h4', {}, 'As a change'),
      diff(group.diff),
      copyButton(app, () => group.diff, 'the change'),
    ],
    group.make_decidable.length > 0 && [
      h('h4', {}, 'What decides it next time'),
      group.make_decidable.map(one =>
        h(
          'figure',
          {},
          h('figcaption', {}, one.into),
          h('pre', { tabindex: 0 }, one.text.trimEnd()),
          copyButton(app, () => one.text, one.into),
        ),
      ),
    ],
    list('How to make sure', group.make_sure),
    group.cause !== 'undetermined' &&
      h(
        'p',
        { class: 'more' },
        button(['About this cause: ', h('code', {}, group.cause)], () => explain(app, group.cause), {
          class: 'small',
        }),
      ),
  )
}

function span(group: CauseGroup): string {
  if (!group.first || !group.last) return '.'
  return group.first === group.last
    ? `, at ${clock(group.first)} UTC.`
    : `, ${between(group.first, group.last)}.`
}

/** From when to when; a day that is the same is said once. */
export function between(first: string, last: string): string {
  const [from, to] = [clock(first), clock(last)]
  const sameDay = from.slice(0, 10) === to.slice(0, 10)
  return `${from} to ${sameDay ? to.slice(11) : to} UTC`
}

/** `2026-11-22T03:02:11Z` as people say it. */
export function clock(time: string): string {
  return time.replace('T', ' ').replace(/(\.\d+)?Z$/, '')
}

function timeline(group: CauseGroup, diagnosis: Diagnosis): Child {
  const { timeline } = diagnosis
  const most = Math.max(...group.timeline)
  if (!timeline || most <= 0) return null
  const each = 100 / group.timeline.length
  const label = `When: ${group.timeline.join(', ')} in steps of ${timeline.step_seconds} seconds from ${clock(timeline.start)} UTC`
  return svg(
    'svg',
    {
      class: 'timeline',
      viewBox: '0 0 100 20',
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    svg('line', { x1: 0, x2: 100, y1: 19.6, y2: 19.6 }),
    group.timeline.map((number, index) => {
      const height = (number / most) * 18
      const place = { x: index * each + each * 0.12, width: each * 0.76, y: 19 - height, height }
      return number > 0 && svg('rect', place)
    }),
  )
}

function counted(title: string, all: readonly Counted[]): Child {
  if (all.length === 0) return null
  return h(
    'div',
    {},
    h('dt', {}, title),
    h(
      'dd',
      {},
      all
        .slice(0, 6)
        .map(one => [h('code', {}, one.name === null ? 'others' : visible(one.name)), ` ${one.count} `]),
    ),
  )
}

function list(title: string, texts: readonly string[]): Child {
  if (texts.length === 0) return null
  return [
    h('h4', {}, title),
    h(
      'ul',
      {},
      texts.map(text => h('li', {}, words(text))),
    ),
  ]
}

function evidence(app: App, all: readonly Evidence[]): Child {
  if (all.length === 0) return null
  return [
    h('h4', {}, 'Evidence'),
    h(
      'ul',
      { class: 'evidence', role: 'list' },
      all.map(one =>
        h(
          'li',
          {},
          placeButton(app, { path: one.file, line: one.line }),
          h('code', { class: 'log' }, visible(one.text ?? 'only the place was kept')),
        ),
      ),
    ),
  ]
}

/** A unified diff; the signs at the beginning of lines say what the colours say. */
export function diff(text: string): HTMLElement {
  const kinds: Readonly<Record<string, string>> = { '+': 'add', '-': 'del', '@': 'hunk' }
  const lines = text.trimEnd().split('\n')
  return h(
    'pre',
    { class: 'diff', tabindex: 0 },
    lines.map(line => h('span', { class: kinds[line[0] ?? ''] ?? '' }, `${visible(line)}\n`)),
  )
}
