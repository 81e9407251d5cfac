/** The plan: all edits that the core would make, chosen, looked at, and applied at once. */

import type { App } from '../app'
import type { Change, Ops } from '../core/answers'
import { button, count, h, replace, type Child } from '../dom'
import { accept, changesOf, pathOf, textOf } from '../fixing'
import { words } from '../markdown'
import { visible } from '../paths'
import { explain } from './explain'
import { note } from './parts'

type Plan = Ops['fix']['answer']

const UNSAFE_WARNING =
  'Unsafe edits are part of this plan. They may change behaviour beyond the flagged value: read each of them.'

export function fixView(app: App): HTMLElement {
  const left = new Set<string>()
  let known: { asked: string; plan: Plan; all: readonly Change[] } | undefined
  const unsafe = h('input', { type: 'checkbox', id: 'unsafe', onchange: () => update() })
  const time = h('input', {
    type: 'text',
    id: 'request-time',
    placeholder: 'such as 90s',
    size: 10,
    autocomplete: 'off',
    onchange: () => update(),
  })
  const body = h('div', {})
  const warning = h('div', {})

  function update(): void {
    if (app.view !== 'fix') return
    replace(
      warning,
      unsafe.checked &&
        note(
          'warning',
          'Unsafe edits may change behaviour beyond the flagged value. Each is labelled; read it before you apply it.',
        ),
    )
    try {
      replace(body, ...planPart(ask()))
    } catch (error) {
      known = undefined
      replace(body, note('unknown', error instanceof Error ? error.message : String(error)))
    }
  }

  function ask(): { plan: Plan; all: readonly Change[] } {
    const options = { unsafe: unsafe.checked, request_time: time.value.trim() || null }
    const asked = JSON.stringify([app.workspace.revision, options, [...left].sort(), app.judge.maps])
    if (known?.asked === asked) return known
    const request = { ...app.judge.stack(), strict: true, route: null, pool: null, ...options }
    const whole = app.core.ask('fix', { ...request, rules: [] })
    const all = whole.changes
    const rules = [...new Set(all.map(change => change.rule))].filter(rule => !left.has(rule))
    const plan =
      left.size === 0
        ? whole
        : rules.length === 0
          ? { ...whole, files: [], changes: [] }
          : app.core.ask('fix', { ...request, rules })
    known = { asked, plan, all }
    return known
  }

  function planPart({ plan, all }: { plan: Plan; all: readonly Change[] }): Child[] {
    if (all.length === 0) {
      const text = unsafe.checked
        ? 'There is nothing that can be edited.'
        : 'There is nothing that can be edited safely.'
      return [note('plain', text), leftOver(plan), rejected(plan)]
    }
    const rules = [...new Set(all.map(change => change.rule))]
    return [
      h('p', { class: 'lead' }, summary(plan)),
      h(
        'p',
        { class: 'actions' },
        button('Show all changes', () => preview(plan), { disabled: plan.files.length === 0 }),
        button(applyLabel(plan), () => apply(plan), { class: 'main', disabled: plan.files.length === 0 }),
      ),
      h(
        'ul',
        { class: 'plan', role: 'list' },
        rules.map(rule =>
          rulePart(
            rule,
            all.filter(change => change.rule === rule),
          ),
        ),
      ),
      leftOver(plan),
      rejected(plan),
    ]
  }

  function rulePart(rule: string, changes: readonly Change[]): HTMLElement {
    const id = `plan-${rule}`
    const box = h('input', {
      type: 'checkbox',
      id,
      checked: !left.has(rule),
      onchange: () => {
        if (box.checked) left.delete(rule)
        else left.add(rule)
        update()
        document.getElementById(id)?.focus()
      },
    })
    return h(
      'li',
      {},
      h(
        'p',
        { class: 'rule' },
        box,
        h('label', { for: id }, h('code', {}, rule)),
        button('Why', () => explain(app, rule), { class: 'small', 'aria-label': `Why: ${rule}` }),
      ),
      h(
        'ul',
        {},
        changes.map(change =>
          h(
            'li',
            {},
            h('span', { class: `safety ${change.applicability}` }, change.applicability),
            ' ',
            words(change.title),
            change.why && h('p', { class: 'help' }, words(change.why)),
            change.routes.length > 0 &&
              h(
                'p',
                { class: 'routes' },
                change.routes.slice(0, 3).map(route => h('code', {}, visible(route))),
              ),
          ),
        ),
      ),
    )
  }

  function texts(plan: Plan): Map<string, string> {
    return new Map(plan.files.map(file => [pathOf(app, file.path), textOf(file)]))
  }

  function hasUnsafe(plan: Plan): boolean {
    return plan.changes.some(change => change.applicability === 'unsafe')
  }

  function preview(plan: Plan): void {
    const after = texts(plan)
    app.propose({
      title: summary(plan),
      files: changesOf(app, after),
      ...(hasUnsafe(plan) && { warning: UNSAFE_WARNING }),
      accept: {
        label: applyLabel(plan),
        run: () => accept(app, count(plan.changes.length, 'change'), after),
      },
      from: 'fix',
    })
  }

  /** What is unsafe is never applied unseen. */
  function apply(plan: Plan): void {
    if (hasUnsafe(plan)) preview(plan)
    else accept(app, count(plan.changes.length, 'change'), texts(plan))
  }

  app.judge.onJudged(update)
  app.on('view', update)
  return h(
    'div',
    { class: 'view' },
    h(
      'div',
      { class: 'options' },
      h('p', {}, unsafe, h('label', { for: 'unsafe' }, 'with unsafe edits')),
      h('p', {}, h('label', { for: 'request-time' }, 'a request may take '), time),
    ),
    warning,
    body,
  )
}

function summary(plan: Plan): string {
  return `${count(plan.changes.length, 'change')} in ${count(plan.files.length, 'file')}`
}

function applyLabel(plan: Plan): string {
  return plan.changes.length === 1 ? 'Apply it' : `Apply all ${plan.changes.length}`
}

function leftOver(plan: Plan): Child {
  if (plan.left === 0) return null
  return h(
    'p',
    { class: 'quiet' },
    `${count(plan.left, 'finding')} would be left: no edit is known to be right for them.`,
  )
}

function rejected(plan: Plan): Child {
  if (plan.rejected.length === 0) return null
  return h(
    'section',
    {},
    h('h3', {}, 'Not done'),
    h(
      'ul',
      {},
      plan.rejected.map(one =>
        h('li', {}, h('code', {}, one.rule), ': ', words(one.title), '. ', words(one.why)),
      ),
    ),
  )
}
