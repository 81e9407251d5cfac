/**
 * Stands for `@codemirror/language`, see build/bundle.mjs. The commands of the editor name it for
 * indents, which are here, and for parsers, which this page has none of: with them the script would
 * be a tenth larger, and the commands that want them are not used.
 */

import { Facet, type EditorState } from '@codemirror/state'

export const indentUnit = Facet.define<string, string>({ combine: values => values[0] ?? '    ' })

export function getIndentUnit(state: EditorState): number {
  return state.facet(indentUnit).length
}

export function indentString(_: EditorState, columns: number): string {
  return ' '.repeat(columns)
}

/** What nothing calls. The bundler leaves it out, and the build fails when it is there. */
function absent(): never {
  throw new Error('this page has no parser for its editor')
}

export const IndentContext = absent
export const getIndentation = absent
export const matchBrackets = absent
export const syntaxTree = absent
