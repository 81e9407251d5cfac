/** One line that says how things stand, what is not known included. */

import type { App } from '../app'
import { button, count, h, replace, type Child } from '../dom'
import { gapCount, refusals } from './gaps'
import { shape, type Level } from './icons'

/** The pause after which a change is said aloud: nobody wants to hear every key. */
const CALM_MS = 900

export function verdictView(app: App): HTMLElement {
  const tally = h('p', { class: 'tally' })
  const scope = h('p', { class: 'scope' })
  // People who do not see the line are told of it when it has settled.
  const aloud = h('p', { class: 'unseen', role: 'status' })
  let timer: ReturnType<typeof setTimeout> | undefined

  const update = (): void => {
    const said = sentence(app)
    replace(tally, ...tallyOf(app))
    replace(scope, scopeOf(app))
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (aloud.textContent !== said) aloud.textContent = said
    }, CALM_MS)
  }
  app.judge.onJudged(update)
  app.on('skips', update)
  return h('section', { class: 'verdict', 'aria-label': 'How things stand' }, tally, scope, aloud)
}

function tallyOf(app: App): Child[] {
  const { current, failure } = app.judge
  if (failure !== undefined) {
    return [item('error', `The files could not be judged: ${failure}`)]
  }
  if (!current) return [item('unknown', noConfiguration(app))]
  const { errors, warnings, infos, hidden } = current.report.summary
  const out: Child[] = []
  const refused = refusals(app).length
  if (refused > 0) out.push(item('error', `${count(refused, 'thing')} that a server would refuse`))
  if (errors > 0) out.push(item('error', count(errors, 'error')))
  if (warnings > 0) out.push(item('warning', count(warnings, 'warning')))
  if (errors + warnings + refused === 0)
    out.push(h('span', { class: 'count' }, 'No errors and no warnings in what was read.'))
  if (infos + hidden > 0) out.push(item('info', count(infos + hidden, 'remark')))
  const unknown = gapCount(app)
  if (unknown > 0) out.push(gapButton(app, unknown))
  return out
}

function noConfiguration(app: App): string {
  return app.judge.logs().length > 0
    ? 'Only logs: without the configuration nothing can be said of its limits.'
    : 'There is no configuration yet.'
}

function gapButton(app: App, unknown: number): HTMLElement {
  const go = (): void => {
    app.show('findings')
    const list = document.getElementById('gaps')
    list?.scrollIntoView({ block: 'start' })
    list?.focus()
  }
  return button([shape('unknown'), count(unknown, 'thing'), ' not known'], go, { class: 'count gap' })
}

function item(level: Level, text: string): HTMLElement {
  return h('span', { class: `count ${level}` }, shape(level), text)
}

function scopeOf(app: App): Child {
  const { current } = app.judge
  if (!current) return null
  const { routes, pools, files } = current.report.summary
  const where = `${count(routes, 'route')} to PHP, ${count(pools, 'pool')}, ${count(files, 'file')} read`
  return [
    where,
    h('span', { class: 'wide' }, `; judged in ${Math.max(1, Math.round(current.milliseconds))} ms`),
  ]
}

/** The same as one sentence, without shapes. */
function sentence(app: App): string {
  const { current, failure } = app.judge
  if (failure !== undefined) return `The files could not be judged: ${failure}`
  if (!current) return app.workspace.files.size > 0 ? noConfiguration(app) : ''
  const { errors, warnings, infos, hidden } = current.report.summary
  const unknown = gapCount(app)
  const found = `${count(errors, 'error')}, ${count(warnings, 'warning')}, ${count(infos + hidden, 'remark')}`
  const refused = refusals(app).length
  const first = refused > 0 ? `${count(refused, 'thing')} that a server would refuse; ` : ''
  return `${first}${found}${unknown > 0 ? `; ${count(unknown, 'thing')} not known` : ''}`
}
