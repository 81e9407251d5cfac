/** Colours for the lines of an editor that can be seen. */

import { RangeSetBuilder } from '@codemirror/state'
import {
  Decoration,
  ViewPlugin,
  type DecorationSet,
  type EditorView,
  type ViewUpdate,
} from '@codemirror/view'

import { goesOn, tokens, type Word } from '../highlight'
import type { Language } from '../kinds'

const WORDS: readonly Word[] = ['comment', 'directive', 'text', 'variable', 'number', 'section']
const MARKS = Object.fromEntries(
  WORDS.map(word => [word, Decoration.mark({ class: `w-${word}` })]),
) as Record<Word, Decoration>

export function highlighting(language: Language) {
  if (language === 'none') return []
  return ViewPlugin.define(view => new Highlighter(view, language), {
    decorations: plugin => plugin.decorations,
  })
}

class Highlighter {
  decorations: DecorationSet
  readonly #language: Language

  constructor(view: EditorView, language: Language) {
    this.#language = language
    this.decorations = this.#made(view)
  }

  update(update: ViewUpdate): void {
    if (update.docChanged || update.viewportChanged) this.decorations = this.#made(update.view)
  }

  #made(view: EditorView): DecorationSet {
    const { doc } = view.state
    const builder = new RangeSetBuilder<Decoration>()
    let after = -1
    for (const { from, to } of view.visibleRanges) {
      let number = doc.lineAt(from).number
      // Two ranges may share a long line; each line is coloured once.
      if (number <= after) number = after + 1
      for (; number <= doc.lines; number += 1) {
        const line = doc.line(number)
        if (line.from > to) break
        const begins = number === 1 || !goesOn(doc.line(number - 1).text)
        for (const token of tokens(line.text, this.#language, begins)) {
          builder.add(line.from + token.from, line.from + token.to, MARKS[token.word])
        }
        after = number
      }
    }
    return builder.finish()
  }
}
