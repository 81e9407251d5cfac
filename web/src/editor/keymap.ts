/**
 * Keys of the editors. These are CodeMirror's standard ones, without those that need a parser of
 * the language: it would be a fifth of the whole script. The tabulator key is left to the browser.
 */

import {
  cursorCharLeft, cursorCharRight, cursorDocEnd, cursorDocStart, cursorGroupLeft, cursorGroupRight,
  cursorLineBoundaryBackward, cursorLineBoundaryForward, cursorLineBoundaryLeft, cursorLineBoundaryRight,
  cursorLineDown, cursorLineUp, cursorPageDown, cursorPageUp, deleteCharBackward, deleteCharForward,
  deleteGroupBackward, deleteGroupForward, deleteLine, deleteLineBoundaryBackward, historyKeymap, indentLess,
  indentMore, insertNewlineKeepIndent, moveLineDown, moveLineUp, selectAll, selectCharLeft, selectCharRight,
  selectDocEnd, selectDocStart, selectGroupLeft, selectGroupRight, selectLineBoundaryBackward,
  selectLineBoundaryForward, selectLineBoundaryLeft, selectLineBoundaryRight, selectLineDown, selectLineUp,
  selectPageDown, selectPageUp, simplifySelection, toggleLineComment,
} from '@codemirror/commands'
import type { KeyBinding } from '@codemirror/view'

const preventDefault = true

export const editingKeys: readonly KeyBinding[] = [
  ...historyKeymap,
  { key: 'ArrowLeft', run: cursorCharLeft, shift: selectCharLeft, preventDefault },
  { key: 'ArrowRight', run: cursorCharRight, shift: selectCharRight, preventDefault },
  { key: 'ArrowUp', run: cursorLineUp, shift: selectLineUp, preventDefault },
  { key: 'ArrowDown', run: cursorLineDown, shift: selectLineDown, preventDefault },
  { key: 'Mod-ArrowLeft', mac: 'Alt-ArrowLeft', run: cursorGroupLeft, shift: selectGroupLeft, preventDefault },
  { key: 'Mod-ArrowRight', mac: 'Alt-ArrowRight', run: cursorGroupRight, shift: selectGroupRight, preventDefault },
  { mac: 'Cmd-ArrowLeft', run: cursorLineBoundaryLeft, shift: selectLineBoundaryLeft, preventDefault },
  { mac: 'Cmd-ArrowRight', run: cursorLineBoundaryRight, shift: selectLineBoundaryRight, preventDefault },
  { mac: 'Cmd-ArrowUp', run: cursorDocStart, shift: selectDocStart },
  { mac: 'Cmd-ArrowDown', run: cursorDocEnd, shift: selectDocEnd },
  { key: 'PageUp', run: cursorPageUp, shift: selectPageUp },
  { key: 'PageDown', run: cursorPageDown, shift: selectPageDown },
  { key: 'Home', run: cursorLineBoundaryBackward, shift: selectLineBoundaryBackward, preventDefault },
  { key: 'End', run: cursorLineBoundaryForward, shift: selectLineBoundaryForward, preventDefault },
  { key: 'Mod-Home', run: cursorDocStart, shift: selectDocStart },
  { key: 'Mod-End', run: cursorDocEnd, shift: selectDocEnd },
  { key: 'Mod-a', run: selectAll },
  { key: 'Enter', run: insertNewlineKeepIndent, shift: insertNewlineKeepIndent },
  { key: 'Backspace', run: deleteCharBackward, shift: deleteCharBackward, preventDefault },
  { key: 'Delete', run: deleteCharForward, preventDefault },
  { key: 'Mod-Backspace', mac: 'Alt-Backspace', run: deleteGroupBackward, preventDefault },
  { key: 'Mod-Delete', mac: 'Alt-Delete', run: deleteGroupForward, preventDefault },
  { mac: 'Mod-Backspace', run: deleteLineBoundaryBackward, preventDefault },
  { key: 'Escape', run: simplifySelection },
  { key: 'Alt-ArrowUp', run: moveLineUp },
  { key: 'Alt-ArrowDown', run: moveLineDown },
  { key: 'Shift-Mod-k', run: deleteLine },
  { key: 'Mod-[', run: indentLess },
  { key: 'Mod-]', run: indentMore },
  { key: 'Mod-/', run: toggleLineComment },
]
