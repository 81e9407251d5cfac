/** What every editor of the page has in common. */

import { history } from '@codemirror/commands'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'

import { languageOf } from '../kinds'
import type { VirtualFile } from '../workspace'
import { highlighting } from './highlighting'
import { editingKeys } from './keymap'
import { lineBreak } from './positions'
import { theme } from './theme'

/** Letters that turn text round are shown as what they are: a configuration may hide in them. */
const special = highlightSpecialChars({
  addSpecialChars: /[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g,
})

/**
 * An element with a shadow root. In one, the editor's styles are sheets that script adopts; in the
 * document they would be style elements, which the policy refuses.
 */
export function shadow(host: HTMLElement): ShadowRoot {
  return host.shadowRoot ?? host.attachShadow({ mode: 'open' })
}

/** For texts that are read and edited. The tabulator key is left alone: it leaves the editor. */
export function editing(file: VirtualFile, label: string, more: Extension): Extension {
  return [
    viewing(file, label),
    history(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    keymap.of(editingKeys),
    more,
  ]
}

/** For texts of any kind. */
export function viewing(file: Pick<VirtualFile, 'text' | 'kind'>, label: string): Extension {
  const language = languageOf(file.kind)
  return [
    EditorState.lineSeparator.of(lineBreak(file.text)),
    EditorView.contentAttributes.of({
      'aria-label': label,
      tabindex: '0',
      spellcheck: 'false',
      autocorrect: 'off',
    }),
    lineNumbers(),
    special,
    drawSelection(),
    search({ top: true }),
    keymap.of(searchKeymap),
    highlighting(language),
    EditorState.languageData.of(() => [{ commentTokens: { line: language === 'nginx' ? '#' : ';' } }]),
    // Lines of a log are sentences; those of a configuration are short and their indent counts.
    language === 'none' || narrow() ? EditorView.lineWrapping : [],
    theme,
  ]
}

function narrow(): boolean {
  return matchMedia('(max-width: 46rem)').matches
}
