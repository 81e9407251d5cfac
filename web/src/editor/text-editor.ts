/** The editor of the files: one view, and a state with its own history for each file. */

import { lintGutter, nextDiagnostic, previousDiagnostic, setDiagnostics } from '@codemirror/lint'
import type { Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap } from '@codemirror/view'

import type { VirtualFile } from '../workspace'
import { Positions, lineBreak } from './positions'
import { editing, shadow } from './setup'

/** Files beyond this are shown in part, and not edited. */
const MOST_LETTERS = 4_000_000

export class TextEditor {
  readonly #root: ShadowRoot
  /** Made when there is a first file: an empty editor would be one without a name. */
  #made: EditorView | undefined
  readonly #typed: (path: string, text: string) => void
  readonly #states = new Map<string, EditorState>()
  #file: VirtualFile | undefined

  constructor(host: HTMLElement, typed: (path: string, text: string) => void) {
    this.#typed = typed
    this.#root = shadow(host)
  }

  get #view(): EditorView {
    this.#made ??= new EditorView({ parent: this.#root, root: this.#root })
    return this.#made
  }

  get path(): string | undefined {
    return this.#file?.path
  }

  focus(): void {
    this.#made?.focus()
  }

  /** Shows a file, with the cursor and the history it had when it was last shown. */
  open(file: VirtualFile): void {
    if (this.#file && this.#file.path !== file.path) {
      this.#states.set(this.#file.path, this.#view.state)
    }
    const same = this.#file?.path === file.path && this.#file.kind === file.kind
    this.#file = file
    const kept = same ? this.#view.state : this.#states.get(file.path)
    const state = kept && kept.sliceDoc() === shown(file.text) ? kept : this.#fresh(file, kept)
    if (state !== this.#view.state) this.#view.setState(state)
  }

  /** Takes over a text that was changed elsewhere, as one step of the history. */
  update(file: VirtualFile): void {
    const { state } = this.#view
    const same = this.#file?.path === file.path && this.#file.kind === file.kind
    const long = file.text.length > MOST_LETTERS
    if (!same || long || lineBreak(file.text) !== state.lineBreak) return this.open(file)
    this.#file = file
    if (state.sliceDoc() === file.text) return
    // The editor counts a break as one, and takes texts with the breaks of the file.
    const changes = this.#difference(state.doc.toString(), file.text.replaceAll(state.lineBreak, '\n'))
    const insert = changes.insert.replaceAll('\n', state.lineBreak)
    this.#view.dispatch({ changes: { ...changes, insert } })
  }

  /** Forgets files that are gone. */
  keepOnly(paths: ReadonlySet<string>): void {
    for (const path of this.#states.keys()) if (!paths.has(path)) this.#states.delete(path)
  }

  /** Puts the cursor at bytes or a line of the file, and makes it seen. */
  goTo(line: number, bytes: readonly [number, number] | undefined): void {
    if (!this.#file) return
    const { doc } = this.#view.state
    let selection = { anchor: doc.line(Math.min(Math.max(line, 1), doc.lines)).from }
    if (bytes) {
      const positions = new Positions(this.#file)
      const [from, to] = bytes.map(byte => Math.min(positions.at(byte), doc.length))
      selection = { anchor: to ?? 0, head: from ?? 0 } as typeof selection
    }
    this.#view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: 'center' }) })
  }

  /** Findings under the text and in the gutter. */
  diagnose(diagnostics: readonly Diagnostic[]): void {
    const { length } = this.#view.state.doc
    const inside = diagnostics.filter(found => found.to <= length)
    this.#view.dispatch(setDiagnostics(this.#view.state, inside))
  }

  #fresh(file: VirtualFile, kept: EditorState | undefined): EditorState {
    const whole = file.text.length <= MOST_LETTERS
    const label = `Text of ${file.path}${whole ? '' : ', its beginning only'}`
    const typed = EditorView.updateListener.of(update => {
      if (!update.docChanged || update.view.state.readOnly || !this.#file) return
      const text = update.state.sliceDoc()
      if (text === this.#file.text) return
      this.#file = { ...this.#file, text }
      this.#typed(this.#file.path, text)
    })
    const more = [
      lintGutter(),
      keymap.of([
        { key: 'F8', run: nextDiagnostic },
        { key: 'Shift-F8', run: previousDiagnostic },
      ]),
      typed,
      whole ? [] : EditorState.readOnly.of(true),
    ]
    const doc = shown(file.text)
    const state = EditorState.create({ doc, extensions: editing(file, label, more) })
    const { main } = kept?.selection ?? {}
    if (!main || main.to > state.doc.length) return state
    return state.update({ selection: { anchor: main.anchor, head: main.head } }).state
  }

  /** The smallest single change, so that cursor and history stay meaningful. */
  #difference(old: string, next: string): { from: number; to: number; insert: string } {
    let from = 0
    const least = Math.min(old.length, next.length)
    while (from < least && old[from] === next[from]) from += 1
    let cut = 0
    while (cut < least - from && old.at(-1 - cut) === next.at(-1 - cut)) cut += 1
    return { from, to: old.length - cut, insert: next.slice(from, next.length - cut) }
  }
}

function shown(text: string): string {
  return text.length <= MOST_LETTERS ? text : text.slice(0, MOST_LETTERS)
}
