/** The views of the panel. In a narrow window files and text are views too. */

import type { App, Column, View } from '../app'
import { h, replace } from '../dom'

const TABS: (readonly [View | Column, string])[] = [
  ['files', 'Files'],
  ['text', 'Text'],
  ['findings', 'Findings'],
  ['chain', 'Chain'],
  ['fix', 'Fix'],
  ['logs', 'Logs'],
  ['redact', 'Redact'],
]

export const VIEWS = TABS.map(([name]) => name).filter(
  (name): name is View => name !== 'files' && name !== 'text',
)

/** Adds a view behind the others. */
export function addView(name: View, label: string): void {
  TABS.push([name, label])
  VIEWS.push(name)
}

export function tabsView(app: App): HTMLElement {
  const tabs = TABS.map(([name, label]) => {
    const narrow = name === 'files' || name === 'text'
    const controls = narrow ? name : `panel-${name}`
    return h(
      'button',
      {
        type: 'button',
        role: 'tab',
        id: `tab-${name}`,
        class: narrow ? 'narrow' : '',
        'aria-controls': controls,
        onclick: () => app.show(name),
      },
      label,
      h('span', { class: 'number' }),
    )
  })
  const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Views' }, tabs)

  function update(): void {
    const narrow = isNarrow()
    const chosen = narrow && app.column !== 'panel' ? app.column : app.view
    tabs.forEach((tab, index) => {
      const selected = TABS[index]?.[0] === chosen
      tab.setAttribute('aria-selected', String(selected))
      tab.tabIndex = selected ? 0 : -1
      if (selected && narrow) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    })
  }

  function numbers(): void {
    const report = app.judge.current?.report
    const found = (report?.summary.errors ?? 0) + (report?.summary.warnings ?? 0)
    const counts: Partial<Record<View | Column, number>> = {
      files: app.workspace.files.size,
      findings: found,
      chain: app.judge.current?.chain.ladders.length ?? 0,
      logs: app.judge.logs().length,
    }
    tabs.forEach((tab, index) => {
      const [name] = TABS[index] ?? []
      const number = name && counts[name]
      const place = tab.querySelector('.number')
      if (place) replace(place, number ? ` ${number}` : '')
    })
  }

  bar.addEventListener('keydown', event => {
    const shown = tabs.filter(tab => tab.offsetParent !== null)
    const at = shown.indexOf(document.activeElement as HTMLButtonElement)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: shown.length - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const next = shown[(to + shown.length) % shown.length]
    const name = TABS[tabs.indexOf(next as HTMLButtonElement)]?.[0]
    if (name) app.show(name)
    next?.focus()
  })
  app.on('view', update)
  app.judge.onJudged(numbers)
  app.workspace.onChange(numbers)
  matchMedia(NARROW).addEventListener('change', update)
  update()
  return bar
}

const NARROW = '(max-width: 62rem)'

export function isNarrow(): boolean {
  return matchMedia(NARROW).matches
}
