/** The editor of a redacted text: placeholders stand out, and it can be edited before it is restored. */

import { history } from '@codemirror/commands'
import { Decoration, EditorView, MatchDecorator, ViewPlugin, keymap, type ViewUpdate } from '@codemirror/view'
import { EditorState, type Extension } from '@codemirror/state'

import { editingKeys } from './keymap'
import { shadow, viewing } from './setup'

export class RedactedEditor {
  readonly #root: ShadowRoot
  readonly #view: EditorView

  constructor(host: HTMLElement) {
    this.#root = shadow(host)
    this.#view = new EditorView({ parent: this.#root, root: this.#root })
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
    this.#view.setState(EditorState.create({ doc: file.text, extensions }))
  }

  goTo(placeholder: string): void {
    const at = this.#view.state.sliceDoc().indexOf(placeholder)
    if (at < 0) return
    // A placeholder is one word, and the breaks before it count as one each in the editor.
    const breaks = this.#view.state.lineBreak === '\n' ? 0 : this.#breaksBefore(at)
    const from = at - breaks
    this.#view.dispatch({
      selection: { anchor: from, head: from + placeholder.length },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    })
  }

  #breaksBefore(at: number): number {
    return this.#view.state.sliceDoc().slice(0, at).split('\r\n').length - 1
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
