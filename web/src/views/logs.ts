/** Log lines with the configuration beside them: what failed, why, and what to change. */

import type { App } from '../app'
import type { Diagnosis, LogSource, Ops } from '../core/answers'
import { button, count, h, replace, type Child } from '../dom'
import { kindLabel } from '../kinds'
import { words } from '../markdown'
import { baseName, visible } from '../paths'
import { download, standalone } from '../take-out'
import { toCore } from '../workspace'
import { between, causeCard } from './cause'
import { shape } from './icons'
import { note, placeButton } from './parts'

type Answer = Ops['diagnose']['answer']

export function logsView(app: App): HTMLElement {
  const paste = h('textarea', {
    id: 'log-lines',
    'aria-label': 'Log lines',
    rows: 4,
    spellcheck: 'false',
    placeholder:
      '2026/11/22 03:06:00 [error] 811#811: *4136 upstream timed out (110: Connection timed out) …',
  })
  const zone = h('select', { id: 'zone', onchange: () => update() }, zones())
  const body = h('div', {})
  const adding = h(
    'details',
    { open: true },
    h('summary', {}, 'Add log lines'),
    paste,
    h(
      'p',
      { class: 'actions' },
      button('Add these lines', () => addLines(), { class: 'main' }),
    ),
  )
  let hadLogs = false
  let known: { asked: string; answer: Answer } | undefined

  function addLines(): void {
    const text = paste.value
    if (text.trim() === '') return app.say('There are no lines to add.')
    app.takeText(text.endsWith('\n') ? text : `${text}\n`)
    paste.value = ''
    app.show('logs')
  }

  function update(): void {
    if (app.view !== 'logs') return
    const logs = app.judge.logs()
    // With logs their causes come first; without, the place to put some.
    if (logs.length > 0 !== hadLogs) adding.open = hadLogs
    hadLogs = logs.length > 0
    if (logs.length === 0) {
      replace(
        body,
        note(
          'plain',
          'There are no logs yet. Paste lines above, or add files: nginx error.log and access.log, FPM’s log and slow log, the kernel’s log, journal exports. The more of them, the more certain the answer.',
        ),
      )
      return
    }
    try {
      replace(body, ...result(ask().diagnosis))
    } catch (error) {
      known = undefined
      replace(body, note('unknown', error instanceof Error ? error.message : String(error)))
    }
  }

  function ask(): Answer {
    const asked = `${app.workspace.revision} ${zone.value}`
    if (known?.asked === asked) return known.answer
    const answer = app.core.ask('diagnose', {
      files: app.judge.configuration().map(toCore),
      logs: app.judge.logs().map(file => {
        const { path, ...content } = toCore(file)
        return { name: path, ...content }
      }),
      zone_offset: Number(zone.value),
      now: Date.now(),
      incidents: false,
    })
    known = { asked, answer }
    return answer
  }

  function result(diagnosis: Diagnosis): Child[] {
    const failures = diagnosis.groups.reduce((sum, group) => sum + group.count, 0)
    const { window } = diagnosis
    const when = window ? `, ${between(window.first, window.last)}` : ''
    const save = (): void => {
      download('badgateway-report.html', new Blob([standalone(body)], { type: 'text/html' }))
      app.say('Downloaded: badgateway-report.html')
    }
    return [
      h(
        'p',
        { class: 'lead' },
        failures > 0
          ? `${count(failures, 'failure')} of ${count(diagnosis.groups.length, 'kind')}${when}`
          : `No failure is known in these lines${when}.`,
      ),
      h('p', { class: 'actions' }, button('Download as a page', save)),
      troubles(app, diagnosis),
      diagnosis.groups.map(group => causeCard(app, group, diagnosis)),
      sources(app, diagnosis.sources),
    ]
  }

  app.judge.onJudged(update)
  app.on('view', update)
  return h(
    'div',
    { class: 'view' },
    h('p', { class: 'options' }, h('label', { for: 'zone' }, 'times without a zone are '), zone),
    adding,
    body,
  )
}

function toLog(app: App, path: string): void {
  app.open({ path, line: 1 })
  app.show('text')
}

/** UTC, the zone of this browser, and whole hours: what no line says must be said by a person. */
function zones(): HTMLElement[] {
  const own = -new Date().getTimezoneOffset() * 60
  const offsets = Array.from({ length: 27 }, (_, index) => (index - 12) * 3600)
  const all = [...new Set([0, own, ...offsets.filter(offset => offset !== 0)])]
  return all.map(offset =>
    h(
      'option',
      { value: offset, selected: offset === own },
      `${zoneName(offset)}${offset === own ? ', as in this browser' : ''}`,
    ),
  )
}

function zoneName(seconds: number): string {
  if (seconds === 0) return 'UTC'
  const minutes = Math.abs(seconds) / 60
  const parts = [Math.floor(minutes / 60), minutes % 60].map(part => String(part).padStart(2, '0'))
  return `UTC${seconds < 0 ? '−' : '+'}${parts.join(':')}`
}

/** What was not understood is said before what was. */
function troubles(app: App, diagnosis: Diagnosis): Child {
  const items: Child[] = diagnosis.problems.map(problem =>
    h(
      'li',
      {},
      words(problem.message),
      problem.place && [' ', placeButton(app, problem.place)],
      problem.help && h('p', { class: 'help' }, words(problem.help)),
    ),
  )
  for (const source of diagnosis.sources) {
    const { not_understood: lost, read } = source.lines
    if (lost > 0) {
      const first = source.examples[0]
      items.push(
        h(
          'li',
          {},
          `${count(lost, 'line')} of ${read} in `,
          h('code', {}, visible(source.file)),
          ' not understood',
          first && [', such as ', placeButton(app, { path: first.file, line: first.line })],
        ),
      )
    }
    if (source.zone.how === 'assumed') {
      items.push(
        h(
          'li',
          {},
          'The zone of ',
          h('code', {}, visible(source.file)),
          ` is assumed: no line says it. Choose it above.`,
        ),
      )
    }
  }
  if (items.length === 0) return null
  return h(
    'section',
    { class: 'gaps' },
    h('h3', {}, shape('unknown'), ` ${count(items.length, 'thing')} not known`),
    h('ul', { role: 'list' }, items),
  )
}

function sources(app: App, all: readonly LogSource[]): Child {
  if (all.length === 0) return null
  const head = ['Log', 'Kind', 'Lines', 'About failures', 'Of no interest', 'Not understood', 'Clock']
  return h(
    'details',
    {},
    h('summary', {}, `${count(all.length, 'log')}: where every line went`),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of logs' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            head.map(text => h('th', { scope: 'col' }, text)),
          ),
        ),
        h(
          'tbody',
          {},
          all.map(source =>
            h(
              'tr',
              {},
              h(
                'th',
                { scope: 'row' },
                button(visible(baseName(source.file)), () => toLog(app, source.file), {
                  class: 'place',
                  title: visible(source.file),
                }),
              ),
              h('td', {}, kindLabel(source.kind).replace('log: ', '')),
              [
                source.lines.read,
                source.lines.matched,
                source.lines.irrelevant,
                source.lines.not_understood,
              ].map(number => h('td', { class: 'number' }, number.toLocaleString('en'))),
              h('td', {}, `${source.zone.offset ?? 'each line'}, ${source.zone.how}`),
            ),
          ),
        ),
      ),
    ),
  )
}
