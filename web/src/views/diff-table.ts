/**
 * A change as a table: in two columns where there is room, else in one. What was taken and what was
 * put is told by signs and words; the colours only help.
 */

import { h, type Child } from '../dom'
import { changedPart, diffLines, type Row } from '../diff'
import { tokens } from '../highlight'
import { languageOf, type Language } from '../kinds'
import { visible } from '../paths'

/** Lines around a change; what is further away is folded. */
const AROUND = 3

/** A line of the table: the old and the new state of the same place. */
interface Pair {
  readonly left?: Row
  readonly right?: Row
}

export function diffTable(
  path: string,
  kind: string,
  before: string,
  after: string,
  beside: boolean,
): HTMLElement {
  const language = languageOf(kind)
  const rows = diffLines(before, after)
  const shown = near(rows)
  const body = h('tbody', {})
  for (let at = 0; at < rows.length;) {
    const end = runEnd(shown, at)
    const run = rows.slice(at, end)
    const width = beside ? 6 : 4
    if (shown[at]) body.append(...lines(run, language, beside))
    else if (run.length <= AROUND) body.append(...lines(run, language, beside))
    else body.append(fold(run, width, () => lines(run, language, beside)))
    at = end
  }
  if (rows.every(row => row.sign === ' '))
    body.prepend(h('tr', {}, h('td', { colspan: 6 }, 'Nothing differs but line ends.')))
  const label = `Change of ${visible(path)}: ${said(rows)}`
  return h(
    'div',
    { class: 'diff-table', tabindex: 0, role: 'region', 'aria-label': label },
    h('table', {}, body),
  )
}

function said(rows: readonly Row[]): string {
  const count = (sign: Row['sign']): number => rows.filter(row => row.sign === sign).length
  return `${count('-')} lines taken, ${count('+')} lines put`
}

/** For each row whether it is close to a change. */
function near(rows: readonly Row[]): boolean[] {
  const out = new Array<boolean>(rows.length).fill(false)
  rows.forEach((row, at) => {
    if (row.sign !== ' ') out.fill(true, Math.max(0, at - AROUND), at + AROUND + 1)
  })
  return out
}

function runEnd(shown: readonly boolean[], from: number): number {
  const end = shown.findIndex((value, at) => at > from && value !== shown[from])
  return end < 0 ? shown.length : end
}

function fold(run: readonly Row[], width: number, open: () => HTMLElement[]): HTMLElement {
  const row: HTMLElement = h(
    'tr',
    { class: 'fold' },
    h(
      'td',
      { colspan: width },
      h(
        'button',
        { type: 'button', class: 'link', onclick: () => row.replaceWith(...open()) },
        `${run.length} equal lines`,
      ),
    ),
  )
  return row
}

function lines(run: readonly Row[], language: Language, beside: boolean): HTMLElement[] {
  const pairs = paired(run)
  if (beside) {
    return pairs.map(pair =>
      h('tr', {}, cells(pair.left, pair, language, 'old'), cells(pair.right, pair, language, 'new')),
    )
  }
  const out: HTMLElement[] = []
  for (let at = 0; at < pairs.length;) {
    const pair = pairs[at]
    if (pair?.left?.sign === ' ') {
      out.push(single(pair.left, pair, language))
      at += 1
      continue
    }
    // Of a block first what was taken, then what was put.
    let end = at
    while (end < pairs.length && pairs[end]?.left?.sign !== ' ') end += 1
    const block = pairs.slice(at, end)
    for (const one of block) if (one.left) out.push(single(one.left, one, language))
    for (const one of block) if (one.right) out.push(single(one.right, one, language))
    at = end
  }
  return out
}

/** Lines taken and put at the same place, one beside the other. */
function paired(run: readonly Row[]): Pair[] {
  const out: Pair[] = []
  for (let at = 0; at < run.length;) {
    const row = run[at]
    if (row?.sign === ' ') {
      out.push({ left: row, right: row })
      at += 1
      continue
    }
    const taken: Row[] = []
    const put: Row[] = []
    for (; at < run.length && run[at]?.sign !== ' '; at += 1) {
      const one = run[at]
      if (one) (one.sign === '-' ? taken : put).push(one)
    }
    for (let index = 0; index < Math.max(taken.length, put.length); index += 1) {
      const [left, right] = [taken[index], put[index]]
      out.push({ ...(left && { left }), ...(right && { right }) })
    }
  }
  return out
}

const SIGNS = { ' ': ['', ''], '-': ['−', 'taken: '], '+': ['+', 'put: '] } as const
const KINDS = { ' ': '', '-': 'del', '+': 'add' } as const

function single(row: Row, pair: Pair, language: Language): HTMLElement {
  return h(
    'tr',
    { class: KINDS[row.sign] },
    number(row.old),
    number(row.new),
    sign(row),
    h('td', {}, content(row, pair, language)),
  )
}

function cells(row: Row | undefined, pair: Pair, language: Language, side: 'old' | 'new'): Child[] {
  if (!row) return [h('td', { class: 'n' }), h('td', { class: 's' }), h('td', { class: 'none' })]
  const kind = KINDS[row.sign]
  return [
    h('td', { class: `n ${kind}` }, row[side]),
    sign(row),
    h('td', { class: `half ${kind}` }, content(row, pair, language)),
  ]
}

function number(value: number): HTMLElement {
  return h('td', { class: 'n' }, value || '')
}

function sign(row: Row): HTMLElement {
  const [shown, word] = SIGNS[row.sign]
  return h(
    'td',
    { class: `s ${KINDS[row.sign]}` },
    h('span', { 'aria-hidden': 'true' }, shown),
    word && h('span', { class: 'unseen' }, word),
  )
}

/** The text with its colours; in a changed line what was changed is marked. */
function content(row: Row, { left, right }: Pair, language: Language): HTMLElement {
  const changed = left && right && row.sign !== ' ' ? changedPart(left.text, right.text) : undefined
  const from = changed?.from ?? 0
  const to = changed ? (row.sign === '-' ? changed.before : changed.after) : 0
  const cuts = new Set([0, row.text.length, from, to])
  const words = tokens(row.text, language)
  for (const word of words) cuts.add(word.from).add(word.to)
  const borders = [...cuts].sort((a, b) => a - b)
  const parts = borders.slice(0, -1).map((start, index) => {
    const end = borders[index + 1] ?? start
    const text = visible(row.text.slice(start, end).replace(/\t/g, '    '))
    const word = words.find(one => one.from <= start && end <= one.to)
    const inside = changed !== undefined && start >= from && end <= to
    return h(inside ? 'mark' : 'span', { class: word ? `w-${word.word}` : '' }, text)
  })
  return h('code', {}, parts)
}
