/** The chains of limits: one ladder for each set of routes that have the same. */

import type { App } from '../app'
import type { Fate, Ladder, Origin, Rung } from '../core/answers'
import type { Judgement } from '../judge'
import { count, h, replace, svg, type Child } from '../dom'
import { words } from '../markdown'
import { visible } from '../paths'
import { fateText, limitText } from '../time'
import { mapForm, mapList } from './maps'
import { ACTORS, SIGNS, ladderImage } from './ladder'
import { addressButton, copyButton, note, placeButton } from './parts'

const MOST_LADDERS = 40
const MOST_ROUTES = 5
const WIDTHS = { least: 300, most: 760 }

export function chainView(app: App): HTMLElement {
  const list = h('div', { class: 'ladders' })
  const element = h('div', { class: 'view' }, list)
  let drawn: { judgement: Judgement; width: number } | undefined

  function update(): void {
    // While another view is shown there is no width to draw for, and asking for one costs a layout.
    if (app.view !== 'chain' || element.clientWidth === 0) return
    const { current } = app.judge
    const width = Math.min(WIDTHS.most, Math.max(WIDTHS.least, element.clientWidth - 2))
    if (drawn && drawn.judgement === current && drawn.width === width) return
    drawn = current && { judgement: current, width }
    const ladders = current?.chain.ladders ?? []
    const open = new Set([...list.querySelectorAll('details[open]')].map(one => one.getAttribute('data-key')))
    replace(
      list,
      mapList(app),
      ladders.slice(0, MOST_LADDERS).map(ladder => ladderPart(app, ladder, width, open)),
      ladders.length > MOST_LADDERS &&
        note('plain', `${ladders.length - MOST_LADDERS} more ladders are not drawn.`),
      ladders.length === 0 &&
        note('unknown', 'No route to PHP-FPM was found in what was given, so there is nothing to draw.'),
    )
  }

  app.judge.onJudged(update)
  app.on('view', () => requestAnimationFrame(update))
  new ResizeObserver(() => update()).observe(element)
  return element
}

function ladderPart(app: App, ladder: Ladder, width: number, open: ReadonlySet<string | null>): HTMLElement {
  const key = ladder.routes.join('\n')
  const rest = ladder.routes.length - MOST_ROUTES
  return h(
    'article',
    { class: 'ladder-card' },
    h(
      'h3',
      {},
      ladder.routes.slice(0, MOST_ROUTES).map(route => h('code', {}, visible(route))),
      rest > 0 && ` and ${rest} more`,
    ),
    h(
      'p',
      { class: 'target' },
      '→ ',
      h('code', {}, visible(ladder.target)),
      ' → ',
      ladder.pool === null ? '' : `pool ${visible(ladder.pool)}`,
    ),
    ladder.pool === null &&
      note(
        'unknown',
        'Which pool answers is not known: ',
        words(ladder.pool_unknown ?? ''),
        mapForm(app, ladder.target),
      ),
    ladderImage(ladder, width),
    fates(app, ladder),
    h(
      'details',
      { 'data-key': key, open: open.has(key) },
      h('summary', {}, `${count(ladder.rungs.length, 'limit')} as a table, and where each comes from`),
      table(app, ladder),
    ),
  )
}

/** What is the same for both scripts is said once. */
function fates(app: App, { sleeping, busy }: Ladder): Child {
  const same = sleeping.log_line === busy.log_line
  return [
    h(
      'div',
      { class: 'fates' },
      fate(
        'waiting',
        'A waiting script',
        'sleep, database, HTTP call',
        sleeping,
        !same && logLine(app, sleeping),
      ),
      fate(
        'computing',
        'A computing script',
        'a loop, an export, an image',
        busy,
        !same && logLine(app, busy),
      ),
    ),
    same && logLine(app, busy),
  ]
}

function fate(name: keyof typeof SIGNS, script: string, such: string, fate: Fate, log: Child): HTMLElement {
  const sign = svg(
    'svg',
    { class: 'sign', viewBox: '0 0 12 12', 'aria-hidden': 'true' },
    svg('path', { d: SIGNS[name] }),
  )
  return h(
    'div',
    { class: `fate ${name}` },
    h('p', {}, sign, h('b', {}, script), h('small', {}, ` (${such})`)),
    h('p', { class: 'lead' }, fateText(fate)),
    fate.note && h('p', { class: 'quiet' }, words(fate.note)),
    log,
  )
}

function logLine(app: App, { log_line: line, log_name: log }: Fate): Child {
  if (!line) return null
  return h(
    'p',
    { class: 'look' },
    `Look in ${log} for: `,
    h('code', {}, visible(line)),
    ' ',
    copyButton(app, () => line, `line of ${log}`),
  )
}

function table(app: App, ladder: Ladder): HTMLElement {
  const head = ['Who', 'Limit', 'Value', 'What it measures', 'Where it is set', 'Ends first']
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Table of limits' },
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
        ladder.rungs.map(rung => tableRow(app, rung)),
      ),
    ),
  )
}

function tableRow(app: App, rung: Rung): HTMLElement {
  const ends = [rung.ends_sleeping && 'a waiting script', rung.ends_busy && 'a computing script'].filter(
    Boolean,
  )
  return h(
    'tr',
    { class: ends.length > 0 ? 'ends' : '' },
    h('td', {}, ACTORS[rung.actor]),
    h('th', { scope: 'row' }, h('code', {}, rung.name)),
    h('td', {}, limitText(rung.limit), rung.limit.kind === 'unknown' && [': ', words(rung.limit.reason)]),
    h('td', {}, rung.measures),
    h('td', {}, origin(app, rung.origin)),
    h('td', {}, ends.join(' and ') || '–'),
  )
}

function origin(app: App, from: Origin | null): Child {
  if (!from) return 'not known'
  if (from.kind === 'default') {
    const manual = from.manual.startsWith('http')
      ? from.manual
      : `https://nginx.org/en/docs/http/${from.manual.replace('#', '.html#')}`
    return [`default of ${from.version} `, addressButton(app, manual, 'manual')]
  }
  const here = [from.kind === 'inherited' && 'inherited from ', placeButton(app, from.at)]
  if (from.kind !== 'overriding') return here
  return [here, ' over ', from.over.map(at => [placeButton(app, at), ' '])]
}
