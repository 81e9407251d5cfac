/** Keys for people who do not want to reach for the mouse at 3 in the morning. */

import type { App } from './app'
import { VIEWS } from './views/tabs'

/** Who speaks to the computer, or hits keys by accident, can turn single keys off. */
export const keys = { single: true }

export interface Actions {
  readonly help: () => void
  readonly openFiles: () => void
  readonly undo: () => void
  readonly redo: () => void
  readonly theme: () => void
}

const PARTS = ['files', 'text', 'panel']

export function listen(app: App, actions: Actions): void {
  addEventListener('keydown', event => {
    if (event.key === 'F6') return turn(event)
    const modified = event.ctrlKey || event.metaKey || event.altKey
    if (!keys.single || modified || isTyping(event) || document.querySelector('dialog[open]')) return
    const action = single(app, actions, event.key)
    if (!action) return
    event.preventDefault()
    action()
  })
}

function single(app: App, actions: Actions, key: string): (() => void) | undefined {
  const view = VIEWS[Number(key) - 1]
  if (view) {
    return () => {
      app.show(view)
      document.getElementById(`tab-${view}`)?.focus()
    }
  }
  switch (key) {
    case '?':
      return actions.help
    case 'n':
      return () => app.emit('step', 1)
    case 'p':
      return () => app.emit('step', -1)
    case 'f':
      return () => app.show('files')
    case 'e':
      return () => app.show('text')
    case '/':
      return () => {
        app.show('findings')
        document.getElementById('filter')?.focus()
      }
    case 'o':
      return actions.openFiles
    case 'u':
      return actions.undo
    case 'U':
      return actions.redo
    case 't':
      return actions.theme
    default:
      return undefined
  }
}

/** The editors are behind shadow roots; the path of the event shows what is in there. */
export function isTyping(event: Event): boolean {
  const target = event.composedPath()[0]
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** From part to part; beyond the last one the key is the browser's. */
function turn(event: KeyboardEvent): void {
  const parts = PARTS.map(id => document.getElementById(id)).filter(part => part?.offsetParent !== null)
  const at = parts.findIndex(part => part?.contains(document.activeElement))
  const next = parts[at + (event.shiftKey ? -1 : 1)]
  if (!next || document.querySelector('dialog[open]')) return
  event.preventDefault()
  next.focus()
}
