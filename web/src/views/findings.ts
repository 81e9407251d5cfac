/** The list of findings, what is not known above it. */

import type { App } from '../app'
import type { Finding, Severity } from '../core/answers'
import { button, count, h, replace } from '../dom'
import { findingItem, keyOf, shownOf, type Item } from './finding'
import { gapsList } from './gaps'
import { UNKNOWN } from '../kinds'
import { levelWord, shape } from './icons'
import { note } from './parts'

/** A list of thousands helps nobody and slows typing. */
const PAGE = 100
const LEVELS: readonly Severity[] = ['error', 'warning', 'info']

export function findingsView(app: App): HTMLElement {
  const hidden = new Set<Severity>(['info'])
  const items = new Map<string, { item: Item; shape: string }>()
  let limit = PAGE
  let gapsShape = ''
  const list = h('ol', { class: 'findings', role: 'list', 'aria-label': 'Findings' })
  const gaps = h('div', {})
  const foot = h('div', { class: 'foot' })
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter by words, rule or file',
    'aria-label': 'Filter findings',
    id: 'filter',
    oninput: () => update(),
  })
  const chips = LEVELS.map(level => chip(level, () => flip(level)))

  function flip(level: Severity): void {
    if (hidden.has(level)) hidden.delete(level)
    else hidden.add(level)
    if (level === 'info') app.setRemarks(!hidden.has(level))
    else update()
  }

  function update(): void {
    const report = app.judge.current?.report
    const all = report?.findings ?? []
    for (const [index, level] of LEVELS.entries()) {
      const left = level === 'info' ? (report?.summary.hidden ?? 0) : 0
      const number = left + all.filter(finding => finding.severity === level).length
      const chip = chips[index]
      chip?.setAttribute('aria-pressed', String(!hidden.has(level)))
      if (chip) replace(chip, shape(level), ` ${count(number, levelWord(level))}`)
    }
    const wanted = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean)
    const fitting = all.filter(finding => !hidden.has(finding.severity) && matches(finding, wanted))
    showItems(fitting.slice(0, limit))
    showGaps()
    replace(foot, ...footOf(all, fitting))
  }

  function showGaps(): void {
    const { problems, unjudged, summary } = app.judge.current?.report ?? {}
    const strangers = app.workspace.sorted.filter(file => file.kind === UNKNOWN).map(file => file.path)
    const shape = JSON.stringify([
      problems,
      unjudged,
      summary?.routes,
      app.judge.current?.unread,
      app.skips,
      strangers,
    ])
    if (shape === gapsShape) return
    gapsShape = shape
    replace(gaps, gapsList(app))
  }

  /** Items that have not changed stay the same elements, so that focus and scroll stay too. */
  function showItems(findings: readonly Finding[]): void {
    const next: HTMLElement[] = []
    const seen = new Map<string, number>()
    const kept = new Set<string>()
    for (const finding of findings) {
      const base = keyOf(finding)
      const nth = seen.get(base) ?? 0
      seen.set(base, nth + 1)
      const key = `${base}\n${nth}`
      kept.add(key)
      next.push(itemFor(key, finding).element)
    }
    for (const key of items.keys()) if (!kept.has(key)) items.delete(key)
    const lostFocus = focusIn(list, next)
    next.forEach((element, index) => {
      if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null)
    })
    while (list.children.length > next.length) list.lastElementChild?.remove()
    if (lostFocus !== undefined) {
      const neighbour = next[Math.min(lostFocus, next.length - 1)]?.querySelector('button')
      ;(neighbour ?? filter).focus()
    }
  }

  function itemFor(key: string, finding: Finding): Item {
    const known = items.get(key)
    const isOpen = known?.item.isOpen ?? false
    // An open item shows everything of its finding, a closed one little.
    const shape = isOpen ? JSON.stringify(finding) : shownOf(finding)
    if (known?.shape === shape) {
      known.item.update(finding)
      return known.item
    }
    const item = findingItem(app, finding, isOpen)
    items.set(key, { item, shape })
    const hadFocus = known?.item.element.contains(document.activeElement) ?? false
    known?.item.element.replaceWith(item.element)
    if (hadFocus) item.element.querySelector('button')?.focus()
    return item
  }

  function footOf(all: readonly Finding[], fitting: readonly Finding[]): (HTMLElement | null)[] {
    if (fitting.length > limit) {
      const more = (): void => {
        limit += PAGE
        update()
      }
      return [button(`Show ${Math.min(PAGE, fitting.length - limit)} more of ${fitting.length}`, more)]
    }
    if (fitting.length > 0 || !app.judge.current) return [null]
    if (filter.value) return [note('plain', 'No finding has these words.')]
    const rest = all.length + (app.judge.current.report.summary.hidden ?? 0)
    return [
      note(
        'plain',
        rest > 0
          ? `Nothing of the chosen severities; ${count(rest, 'finding')} hidden.`
          : 'The rules found nothing in what was read. What they could not know stands above, if anything.',
      ),
    ]
  }

  /** From finding to finding; the one that is left closes. */
  function step(by: 1 | -1): void {
    app.show('findings')
    const heads = [...list.querySelectorAll<HTMLButtonElement>('.finding-head')]
    const at = heads.findIndex(
      head => head.contains(document.activeElement) || head.getAttribute('aria-expanded') === 'true',
    )
    const next = heads[at < 0 ? (by > 0 ? 0 : heads.length - 1) : at + by]
    if (!next) return app.say(heads.length === 0 ? 'There are no findings.' : 'There are no more findings.')
    for (const head of heads) if (head.getAttribute('aria-expanded') === 'true') head.click()
    next.click()
    next.focus()
    next.scrollIntoView({ block: 'nearest' })
  }

  app.judge.onJudged(update)
  app.on('skips', update)
  app.on('step', step)
  const bar = h('div', { class: 'filters', role: 'group', 'aria-label': 'Which findings' }, chips, filter)
  return h('div', { class: 'view' }, bar, gaps, list, foot)
}

function chip(level: Severity, flip: () => void): HTMLButtonElement {
  return button(levelWord(level), flip, { class: `chip ${level}` })
}

function matches(finding: Finding, wanted: readonly string[]): boolean {
  if (wanted.length === 0) return true
  const { rule, message, primary, routes, help } = finding
  const text = [rule, message, primary.path, help ?? '', ...routes].join('\n').toLowerCase()
  return wanted.every(word => text.includes(word))
}

/** Where the focus is in a list, when what holds it will be gone. */
function focusIn(list: HTMLElement, next: readonly HTMLElement[]): number | undefined {
  const at = [...list.children].findIndex(child => child.contains(document.activeElement))
  const holder = at < 0 ? undefined : list.children[at]
  return holder && !next.includes(holder as HTMLElement) ? at : undefined
}
