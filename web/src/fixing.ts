/** From fixes to new texts. The core makes every edit; here they are shown, applied and undone. */

import type { App, Proposal } from './app'
import type { CoreFile, Edit, Fix } from './core/answers'
import { count } from './dom'
import { plainWords } from './markdown'
import { decode } from './text'
import { fromBase64, toCore } from './workspace'

/** The text of a file that the core gave back. */
export function textOf(file: CoreFile): string {
  if (file.text !== undefined) return file.text
  return decode(fromBase64(file.base64 ?? ''))?.text ?? ''
}

/** Path as the workspace knows it; the core shows what it was given, so this is mostly the same. */
export function pathOf(app: App, path: string): string {
  const shapes = [path, `/${path}`, path.replace(/^\//, '')]
  return shapes.find(shape => app.workspace.files.has(shape)) ?? path
}

export function previewFix(app: App, fix: Fix): void {
  const after = edited(app, fix.edits)
  if (!after) return
  app.propose({
    title: fix.title,
    files: changesOf(app, after),
    ...(fix.applicability === 'unsafe' && { warning: unsafeWarning }),
    accept: { label: 'Apply', run: () => accept(app, fix.title, after) },
    from: 'findings',
  })
}

export const unsafeWarning =
  'This fix is unsafe: it may change behaviour beyond the flagged value. Read it before you apply it.'

export function applyFix(app: App, fix: Fix): void {
  const after = edited(app, fix.edits)
  if (after) accept(app, fix.title, after)
}

export function accept(app: App, title: string, after: ReadonlyMap<string, string>): void {
  const plain = plainWords(title)
  app.workspace.rewrite(plain, after)
  app.emit('proposal', null)
  app.show('panel')
  app.say(`Applied: ${plain}. ${count(after.size, 'file')} changed. Undo is in the bar at the top.`)
}

export function changesOf(app: App, after: ReadonlyMap<string, string>): Proposal['files'] {
  return [...after].map(([path, text]) => ({
    path,
    before: app.workspace.get(path)?.text ?? '',
    after: text,
  }))
}

/** New texts, or nothing when the edits do not fit the texts any more. */
function edited(app: App, edits: readonly Edit[]): Map<string, string> | undefined {
  if (app.judge.current?.revision !== app.workspace.revision) {
    app.judge.now()
    app.say('The text has changed since; it was judged anew. Please choose again.')
    return undefined
  }
  const plain = edits.map(({ place, text }) => ({
    path: place.path,
    start_byte: place.start_byte,
    end_byte: place.end_byte,
    text,
  }))
  const touched = new Set(plain.map(edit => pathOf(app, edit.path)))
  const files = app.workspace.sorted.filter(file => touched.has(file.path)).map(toCore)
  try {
    const answer = app.core.ask('apply', { files, edits: plain })
    return new Map(answer.files.map(file => [pathOf(app, file.path), textOf(file)]))
  } catch (error) {
    app.say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
