/** The redacted text of a file, which may be edited and then restored. */

import type { App } from '../app'
import { RedactedEditor } from '../editor/redacted-editor'
import { h, replace } from '../dom'
import { note } from './parts'

export interface RedactedStage {
  show(path: string | undefined): void
}

export function redactedStage(app: App, column: HTMLElement): RedactedStage {
  const host = h('div', { class: 'editor' })
  const trouble = h('div', {})
  column.append(trouble, host)
  const editor = new RedactedEditor(host)
  let shown: string | undefined

  function show(path: string | undefined): void {
    const file = path === undefined ? undefined : app.workspace.get(path)
    replace(trouble)
    host.hidden = !file
    if (!file) return
    try {
      const { found } = app.redaction.ask()
      const text = app.redaction.text(file.path)
      const key = `${file.path}\n${text}`
      if (key === shown) return
      shown = key
      const mine = found.map(secret => secret.placeholder)
      editor.show({ ...file, text }, mine, typed => {
        shown = `${file.path}\n${typed}`
        app.redaction.edits.set(file.path, typed)
        app.emit('redacted', undefined)
      })
    } catch (error) {
      // Without a redacted text none is shown: least of all the one with the secrets.
      host.hidden = true
      shown = undefined
      replace(trouble, note('unknown', error instanceof Error ? error.message : String(error)))
    }
  }

  app.on('placeholder', placeholder => editor.goTo(placeholder))
  return { show }
}
