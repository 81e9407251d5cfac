/** What became of the answers: edits to be applied, edits that were refused, and why. */

import type { App } from '../app'
import type { Done, Left, Taken, Trouble } from '../core/refactoring'
import { button, count, h, type Child } from '../dom'
import { accept, changesOf } from '../fixing'
import { words } from '../markdown'
import { visible } from '../paths'
import { note, placeButton } from '../views/parts'
import { helpFor } from './help'
import type { Question } from './question'

export interface Next {
  /** The same request once more. */
  readonly again: () => void
  readonly over: () => void
}

export function outcome(app: App, question: Question, done: Done, next: Next): HTMLElement {
  const { verdict, files } = done
  const { accepted, refused, changes, ended, reasons } = verdict
  return h(
    'section',
    { 'aria-labelledby': 'ask-title' },
    h('h3', { id: 'ask-title', tabindex: -1 }, 'What became of it'),
    trouble(verdict.refusal, 'Not sent: '),
    trouble(verdict.trouble, ''),
    h('p', { class: 'lead' }, summary(done)),
    h(
      'p',
      { class: 'actions' },
      files.length > 0 &&
        button('Show all changes', () => show(app, 'All changes', question.everything(done)), {}),
      files.length > 0 &&
        button('Apply all', () => apply(app, 'the edits of the model', question.everything(done)), {
          class: 'main',
        }),
      verdict.trouble && button('Try again', next.again),
      button('Ask anew', next.over),
    ),
    list(
      'Edits of the model that are right',
      accepted.map(edit => taken(app, question, edit)),
      'plan',
    ),
    list(
      'Findings that end by them',
      ended.map(one => [h('code', {}, one.rule), ': ', words(one.message)]),
    ),
    list('Not taken', [...refused.map(left), ...reasons.map(reason => visible(reason))]),
    list(
      verdict.rounds > 0 ? 'What badgateway changes on top' : 'What badgateway itself would change',
      changes.map(change => [
        h('span', { class: `safety ${change.applicability}` }, change.applicability),
        ' ',
        words(change.title),
        change.why && h('span', { class: 'quiet' }, '; ', words(change.why)),
      ]),
    ),
  )
}

function summary({ verdict, files }: Done): string {
  const { rounds, accepted, refused, changes } = verdict
  if (verdict.asked === 0 && !verdict.refusal) return 'Nothing was found that a model could be asked about.'
  if (rounds === 0) {
    return files.length > 0
      ? 'No model has answered. What badgateway itself would change is here all the same.'
      : 'No model has answered.'
  }
  const own = changes.length > 0 ? `; ${count(changes.length, 'change')} of badgateway’s own on top` : ''
  return `${count(accepted.length, 'edit')} of the model taken, ${refused.length} not taken${own}.`
}

function trouble(trouble: Trouble | null, before: string): Child {
  if (!trouble) return null
  return note(
    'unknown',
    h('p', { class: 'sentence' }, h('b', {}, `${before}${visible(trouble.words)}.`)),
    trouble.quoted && h('p', {}, 'It says: ', h('q', {}, visible(trouble.quoted))),
    h('p', { class: 'sentence' }, words(helpFor(trouble))),
  )
}

function list(title: string, items: readonly Child[], kind = ''): Child {
  if (items.length === 0) return null
  return h(
    'section',
    {},
    h('h3', {}, title),
    h(
      'ul',
      { class: kind },
      items.map(item => h('li', {}, item)),
    ),
  )
}

function taken(app: App, question: Question, edit: Taken): Child {
  const title = `an edit of the model at line ${edit.line}`
  return [
    h('p', {}, placeButton(app, { path: edit.path, line: edit.line }), ' ', change(edit.old, edit.new)),
    edit.why && h('p', { class: 'help' }, 'It says: ', h('q', {}, visible(edit.why))),
    h(
      'p',
      { class: 'actions' },
      button('Show the change', () => show(app, title, question.with([edit]), () => one(edit))),
      edit.text !== null && button('Apply it', () => one(edit)),
    ),
  ]

  function one(chosen: Taken): void {
    if (apply(app, title, question.with([chosen]))) question.applied.add(chosen)
  }
}

function left(edit: Left): Child {
  return [
    h('span', { class: 'safety unsafe' }, edit.kind),
    ' ',
    edit.path !== '' && h('code', {}, visible(edit.path)),
    ' ',
    change(edit.old, edit.new),
    h('p', { class: 'help' }, words(edit.reason)),
  ]
}

function change(before: string, after: string): Child {
  return [
    h('code', { class: 'del' }, short(before)),
    ' becomes ',
    after === '' ? 'nothing' : h('code', { class: 'add' }, short(after)),
  ]
}

const MOST_SHOWN = 240

function short(text: string): string {
  const letters = [...text.split(/\s+/).join(' ').trim()]
  const cut = letters.length > MOST_SHOWN ? [...letters.slice(0, MOST_SHOWN), '…'] : letters
  return visible(cut.join(''))
}

type Texts = ReadonlyMap<string, string> | undefined

const CHANGED = 'The files have changed since the question. Ask anew: an edit is right for the files it was made for.'

function show(app: App, title: string, after: Texts, run?: () => void): void {
  if (!after) return app.say(CHANGED)
  const accepting = run ?? (() => void apply(app, title, after))
  app.propose({
    title,
    files: changesOf(app, after),
    accept: { label: run ? 'Apply it' : 'Apply all', run: accepting },
    from: 'ask',
  })
}

function apply(app: App, title: string, after: Texts): boolean {
  if (!after) app.say(CHANGED)
  else accept(app, title, after)
  return after !== undefined
}
