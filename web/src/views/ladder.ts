/**
 * The drawing of one ladder: a bar for each limit from the client inwards, and two marks for the
 * limits that end a waiting and a computing script. It is an image; the table below it says the same.
 */

import type { Actor, Ladder, Rung } from '../core/answers'
import { svg } from '../dom'
import { fateText, limitText } from '../time'
import { Scale } from './scale'

export const ACTORS: Readonly<Record<Actor, string>> = {
  client: 'client',
  nginx: 'nginx',
  fpm: 'PHP-FPM',
  php: 'PHP',
}

const ROW = 38
const BAR = 11
const TOP = 26
/** Room at the right for limits that are off: they reach further than any that is on. */
const BEHIND = 34
const SIDE = 70

export function ladderImage(ladder: Ladder, width: number): SVGSVGElement {
  const { rungs } = ladder
  const scale = new Scale(rungs, width - SIDE - BEHIND)
  const height = TOP + rungs.length * ROW + 4
  const image = svg(
    'svg',
    {
      class: 'ladder',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': described(ladder),
    },
    axis(scale, width, height),
    rungs.map((rung, index) => row(rung, rungs[index - 1], TOP + index * ROW, scale, width)),
    rungs.map((rung, index) => marks(rung, TOP + index * ROW, scale, width)),
  )
  return image
}

function described(ladder: Ladder): string {
  const first = (script: string, key: 'ends_sleeping' | 'ends_busy', fate: Ladder['busy']): string => {
    const rung = ladder.rungs.find(one => one[key])
    return `${script} script: ${fateText(fate)}${rung ? `, by ${rung.name} of ${ACTORS[rung.actor]}` : ''}`
  }
  const parts = [
    first('a waiting', 'ends_sleeping', ladder.sleeping),
    first('a computing', 'ends_busy', ladder.busy),
  ]
  return `Limits of ${ladder.routes[0] ?? 'a route'}. ${parts.join('. ')}. The table below has all limits.`
}

function axis(scale: Scale, width: number, height: number): SVGElement {
  const right = width - 1
  return svg(
    'g',
    { class: 'axis' },
    svg('line', { x1: SIDE, x2: right, y1: TOP - 8, y2: TOP - 8 }),
    scale
      .ticks()
      .map(({ at, label }) => [
        svg('line', { class: 'grid', x1: SIDE + at, x2: SIDE + at, y1: TOP - 8, y2: height }),
        svg('text', { x: SIDE + at, y: TOP - 13, 'text-anchor': 'middle' }, label),
      ]),
  )
}

function row(rung: Rung, above: Rung | undefined, y: number, scale: Scale, width: number): SVGElement {
  const first = above?.actor !== rung.actor
  const value = limitText(rung.limit)
  const ends = rung.ends_sleeping || rung.ends_busy
  return svg(
    'g',
    { class: `rung ${rung.actor}${ends ? ' ends' : ''}` },
    first && svg('text', { class: 'actor', x: 0, y: y + 13 }, ACTORS[rung.actor]),
    first && above && svg('line', { class: 'between', x1: 0, x2: width, y1: y - 1.5, y2: y - 1.5 }),
    svg('text', { class: 'name', x: SIDE, y: y + 13 }, rung.name),
    svg('text', { class: `value ${rung.limit.kind}`, x: width - 2, y: y + 13, 'text-anchor': 'end' }, value),
    bar(rung, y + 18, scale, width),
  )
}

function bar(rung: Rung, y: number, scale: Scale, width: number): SVGElement {
  const { limit } = rung
  if (limit.kind === 'off') {
    const end = width - 3
    return svg(
      'g',
      { class: 'off' },
      svg('line', { x1: SIDE, x2: end - 7, y1: y + BAR / 2, y2: y + BAR / 2 }),
      svg('path', { d: `M${end - 8} ${y}l8 ${BAR / 2}l-8 ${BAR / 2}z` }),
    )
  }
  if (limit.kind === 'unknown') {
    return svg('text', { class: 'unknown', x: SIDE, y: y + BAR }, `? ${limit.reason}`)
  }
  const end = limit.kind === 'after' ? scale.at(limit.ms) : 2
  const latest = rung.latest_ms === undefined ? end : scale.at(rung.latest_ms)
  return svg(
    'g',
    {},
    latest > end && svg('rect', { class: 'later', x: SIDE + end, y, width: latest - end, height: BAR }),
    svg('rect', { class: 'bar', x: SIDE, y, width: Math.max(2, end), height: BAR }),
  )
}

/** No font that a system may have here is wider on average, in bold. */
const WIDE = 7.3

/** A moon for the script that sleeps, a bolt for the one that works; words beside both. */
export const SIGNS = {
  waiting: 'M7.5 1.2A5 5 0 1 0 10.8 8 4.2 4.2 0 0 1 7.5 1.2z',
  computing: 'M7 0 1.8 7H5l-1 5 5.2-7H6z',
}

function marks(rung: Rung, y: number, scale: Scale, width: number): SVGElement | null {
  if (!rung.ends_sleeping && !rung.ends_busy) return null
  const end = rung.limit.kind === 'after' ? scale.at(rung.latest_ms ?? rung.limit.ms) : 2
  const at = SIDE + end
  const both = rung.ends_sleeping && rung.ends_busy
  const scripts = both
    ? (['waiting', 'computing'] as const)
    : ([rung.ends_sleeping ? 'waiting' : 'computing'] as const)
  const long = `ends ${both ? 'waiting and computing scripts' : `a ${scripts[0]} script`} first`
  const short = `ends ${both ? 'both' : scripts[0]} first`
  const lengthOf = (text: string): number => text.length * WIDE + scripts.length * 15
  const text = at + 8 + lengthOf(long) <= width ? long : short
  const length = lengthOf(text)
  // Behind the bar; where there is no room, on it, from its end to the left.
  const outside = at + 8 + length <= width
  const from = outside ? at + 8 : Math.max(SIDE + 2, at - 8 - length)
  return svg(
    'g',
    { class: `mark ${outside ? '' : 'inside'}` },
    svg('line', { class: 'tip', x1: at, x2: at, y1: y + 14, y2: y + 33 }),
    !outside &&
      svg('rect', { class: 'plate', x: from - 3, y: y + 16, width: length + 6, height: BAR + 4, rx: 3 }),
    scripts.map((script, index) =>
      svg('path', {
        class: script,
        d: SIGNS[script],
        transform: `translate(${from + index * 15} ${y + 17.5})`,
      }),
    ),
    svg('text', { x: from + scripts.length * 15, y: y + 27.5 }, text),
  )
}
