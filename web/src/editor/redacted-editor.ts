/** The editor of a redacted text: placeholders stand out, and it can be edited before it is restored. */

import { history } from '@codemirror/commands'
import { Decoration, EditorView, MatchDecorator, ViewPlugin, keymap, type ViewUpdate } from '@codemirror/view'
import { EditorState, type Extension } from '@codemirror/state'

import { editingKeys } from './keymap'
import { shadow, viewing } from './setup'

export class RedactedEditor {
  readonly #host: HTMLElement
  /** Made when it is needed first: an empty editor would be one without a name. */
  #view: EditorView | undefined

  constructor(host: HTMLElement) {
    this.#host = host
  }

  show(
    file: { path: string; text: string; kind: string },
    placeholders: readonly string[],
    typed: (text: string) => void,
  ): void {
    const label = `Redacted text of ${file.path}`
    const listener = EditorView.updateListener.of(update => {
      if (update.docChanged) typed(update.state.sliceDoc())
    })
    const extensions = [
      viewing(file, label),
      history(),
      keymap.of(editingKeys),
      highlighted(placeholders),
      listener,
    ]
    const state = EditorState.create({ doc: file.text, extensions })
    const root = shadow(this.#host)
    if (this.#view) this.#view.setState(state)
    else this.#view = new EditorView({ state, parent: root, root })
  }

  goTo(placeholder: string): void {
    const view = this.#view
    // Breaks count as one each in the editor, as they do in this string.
    const from = view?.state.doc.toString().indexOf(placeholder) ?? -1
    if (!view || from < 0) return
    view.dispatch({
      selection: { anchor: from, head: from + placeholder.length },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    })
  }
}

function highlighted(placeholders: readonly string[]): Extension {
  if (placeholders.length === 0) return []
  const words = [...new Set(placeholders)].map(word => word.replace(/[^\w]/g, '\\$&'))
  const decorator = new MatchDecorator({
    // The longest first: one may begin with another.
    regexp: new RegExp(words.sort((a, b) => b.length - a.length).join('|'), 'g'),
    decoration: Decoration.mark({ class: 'bg-secret' }),
  })
  return ViewPlugin.define(
    view => ({
      decorations: decorator.createDeco(view),
      update(this: { decorations: ReturnType<typeof decorator.createDeco> }, update: ViewUpdate) {
        this.decorations = decorator.updateDeco(update, this.decorations)
      },
    }),
    { decorations: plugin => plugin.decorations },
  )
}
