/** Findings and problems as the editor shows them: under the text, in the gutter, at the pointer. */

import type { Action, Diagnostic } from '@codemirror/lint'

import type { App } from '../app'
import type { Finding, Problem } from '../core/answers'
import { applyFix, pathOf, previewFix } from '../fixing'
import { h } from '../dom'
import { plainWords, words } from '../markdown'
import { explain } from '../views/explain'
import { levelWord, type Level } from '../views/icons'
import type { VirtualFile } from '../workspace'
import { Positions } from './positions'

/** What the editor calls them; `hint` is the only name left for what is not known. */
const NAMES = { error: 'error', warning: 'warning', info: 'info', unknown: 'hint' } as const

export function diagnosticsOf(app: App, file: VirtualFile): Diagnostic[] {
  const judgement = app.judge.current
  if (!judgement || judgement.revision !== app.workspace.revision) return []
  const { findings, problems } = judgement.report
  const mine = (path: string): boolean => pathOf(app, path) === file.path
  const positions = new Positions(file)
  const out: Diagnostic[] = []
  for (const finding of findings) {
    if (!mine(finding.primary.path)) continue
    const { start_byte, end_byte } = finding.primary
    out.push({
      ...range(positions, start_byte, end_byte),
      severity: NAMES[finding.severity],
      message: finding.message,
      renderMessage: () => message(finding.severity, finding.message, finding.help),
      actions: actions(app, finding),
    })
  }
  for (const problem of problems) {
    if (!problem.place || !mine(problem.place.path)) continue
    const level: Level = problem.kind === 'syntax' ? 'error' : 'unknown'
    out.push({
      ...range(positions, problem.place.start_byte, problem.place.end_byte),
      severity: NAMES[level],
      message: problem.message,
      renderMessage: () => message(level, problem.message, problem.help),
    })
  }
  return out.sort((a, b) => a.from - b.from)
}

function range(positions: Positions, start: number, end: number): { from: number; to: number } {
  const from = positions.at(start)
  return { from, to: Math.max(positions.at(end), from) }
}

function message(level: Level, text: string, help: Problem['help'] | Finding['help']): Node {
  return h(
    'span',
    {},
    h('b', {}, `${levelWord(level)}: `),
    words(text),
    help && h('span', {}, h('br'), words(help)),
  )
}

function actions(app: App, finding: Finding): Action[] {
  const { fix } = finding
  const out: Action[] = [{ name: `Why: ${finding.rule}`, apply: () => explain(app, finding.rule) }]
  if (fix?.applicability === 'safe')
    out.unshift({ name: `Apply: ${plainWords(fix.title)}`, apply: () => applyFix(app, fix) })
  if (fix?.applicability === 'unsafe') {
    out.unshift({ name: `Show unsafe fix: ${plainWords(fix.title)}`, apply: () => previewFix(app, fix) })
  }
  return out
}
