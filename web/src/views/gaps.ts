/** What was not read, not known or not judged. It stands above the findings, and as loud as they. */

import type { App } from '../app'
import type { Problem } from '../core/answers'
import { FACTS, FACTS_NAME, UNKNOWN } from '../kinds'
import { words } from '../markdown'
import { visible } from '../paths'
import { button, count, h, type Child } from '../dom'
import { shape, type Level } from './icons'
import { placeButton } from './parts'

const TITLES: Readonly<Record<Problem['kind'], string>> = {
  syntax: 'refused',
  unreadable: 'not read',
  unknown: 'not known',
}

/** What a person fills in when a rule needs a fact. */
const FACTS_TEMPLATE = `# What the files do not tell. On the server \`badgateway facts\` writes this file.
# memory = "4G"        # grep MemTotal /proc/meminfo
# cores = 2            # nproc
# somaxconn = 4096     # cat /proc/sys/net/core/somaxconn

# [nginx]
# version = "1.26.3"   # nginx -v

# [[fpm]]
# version = "8.3"      # php-fpm8.3 -v
# worker_memory = "60M"
`

/** As many as are listed at once; what comes next is one click away. */
const MOST_SHOWN = 6

export function gapCount(app: App): number {
  return gapItems(app).length
}

/** Lines that nginx or PHP-FPM does not take: nothing can be said of a server that does not start. */
export function refusals(app: App): readonly Problem[] {
  return (app.judge.current?.report.problems ?? []).filter(problem => problem.kind === 'syntax')
}

export function gapsList(app: App): Child {
  const refused = refusals(app)
  return [
    box(
      'refused',
      'error',
      `${count(refused.length, 'thing')} that a server would refuse`,
      refused.map(one => () => problemItem(app, one)),
    ),
    box('gaps', 'unknown', `${count(gapCount(app), 'thing')} not known`, gapItems(app)),
  ]
}

function box(id: string, level: Level, title: string, items: readonly (() => HTMLElement)[]): Child {
  if (items.length === 0) return null
  const more = items.slice(MOST_SHOWN)
  return h(
    'section',
    { class: `gaps ${id}`, 'aria-labelledby': id },
    h('h3', { id, tabindex: -1 }, shape(level), ` ${title}`),
    h(
      'ul',
      { role: 'list' },
      items.slice(0, MOST_SHOWN).map(make => make()),
    ),
    more.length > 0 && rest(more),
  )
}

/** Thousands of them are possible, and made only when they are wanted. */
function rest(items: readonly (() => HTMLElement)[]): HTMLElement {
  const list = h('ul', { role: 'list' })
  const details = h('details', {}, h('summary', {}, `${items.length} more`), list)
  details.addEventListener('toggle', () => {
    if (list.childElementCount === 0) list.append(...items.slice(0, 500).map(make => make()))
  })
  return details
}

function gapItems(app: App): (() => HTMLElement)[] {
  const items: (() => HTMLElement)[] = []
  const report = app.judge.current?.report
  for (const problem of report?.problems ?? []) {
    if (problem.kind !== 'syntax') items.push(() => problemItem(app, problem))
  }
  for (const { name, why } of app.skips) {
    items.push(() => h('li', {}, h('b', {}, 'left out'), ' ', h('code', {}, visible(name)), `: ${why}`))
  }
  for (const file of app.workspace.sorted) {
    if (file.kind === UNKNOWN) items.push(() => strangerItem(app, file.path))
  }
  const unjudged = report?.unjudged ?? []
  if (unjudged.length > 0) items.push(() => factsItem(app, unjudged))
  if ((app.judge.current?.unread ?? 0) > 0) items.push(() => unreadItem(app))
  if (report?.summary.routes === 0) {
    items.push(() =>
      h('li', {}, h('b', {}, 'no route to PHP-FPM'), ' was found, so that most rules had nothing to judge'),
    )
  }
  return items
}

/** On Debian a site that is not enabled is such a file. */
function unreadItem(app: App): HTMLElement {
  const { unread = 0, unreadPaths = [] } = app.judge.current ?? {}
  const named = unreadPaths.slice(0, 20).map(path => [' ', placeButton(app, { path, line: 1 })])
  return h(
    'li',
    {},
    h('b', {}, `${count(unread, 'file')} read by nothing`),
    `: no server that was given includes ${unread === 1 ? 'it' : 'them'}, so that nothing is said of ${unread === 1 ? 'it' : 'them'}`,
    named,
  )
}

function strangerItem(app: App, path: string): HTMLElement {
  const place = placeButton(app, { path, line: 1 })
  return h(
    'li',
    {},
    h('b', {}, 'not recognised'),
    ' ',
    place,
    ': neither configuration nor a log that is known',
  )
}

function problemItem(app: App, problem: Problem): HTMLElement {
  return h(
    'li',
    {},
    h('b', {}, TITLES[problem.kind]),
    ': ',
    words(problem.message),
    problem.place && [' ', placeButton(app, problem.place)],
    problem.help && h('p', { class: 'help' }, words(problem.help)),
    // What the command line takes as an option is said beside the ladder here.
    problem.help?.includes('--map') &&
      button('Say which pool answers', () => app.show('chain'), { class: 'small' }),
  )
}

function factsItem(app: App, unjudged: readonly { rule: string; needs: string }[]): HTMLElement {
  const needs = [...new Set(unjudged.map(one => one.needs))]
  const has = app.workspace.sorted.find(file => file.kind === FACTS)
  return h(
    'li',
    {},
    h('b', {}, `${count(unjudged.length, 'rule')} could not judge`),
    ` (${unjudged.map(one => one.rule).join(', ')}): the files do not tell ${needs.join(', nor ')}. `,
    button(has ? 'Open the facts' : 'Give facts about the machine', () => giveFacts(app), { class: 'small' }),
  )
}

function giveFacts(app: App): void {
  const has = app.workspace.sorted.find(file => file.kind === FACTS)
  if (!has) {
    const file = {
      path: FACTS_NAME,
      text: FACTS_TEMPLATE,
      encoding: 'utf-8' as const,
      kind: FACTS,
      via: null,
      link: null,
      original: '',
    }
    app.workspace.add(`added ${FACTS_NAME}`, [file])
  }
  app.open({ path: has?.path ?? FACTS_NAME, line: 2 })
  app.show('text')
}
