/** The bar at the top: what comes in, what goes out, and what turns back. */

import type { App } from '../app'
import { button, h, replace } from '../dom'
import { chooseFiles } from '../intake/drop'
import { downloadAll } from '../packing'
import { promise } from '../promise'
import { flipTheme } from '../theme'
import { LINES, lineIcon } from './icons'
import { menu } from './menu'

export interface Doings {
  readonly paste: () => void
  readonly example: (withLogs: boolean) => void
  readonly proof: () => void
  readonly help: () => void
  readonly startOver: () => void
}

export function headerView(app: App, doings: Doings): HTMLElement {
  const undo = button('', () => turn('undo'), { class: 'plain' })
  const redo = button('', () => turn('redo'), { class: 'plain' })

  function turn(which: 'undo' | 'redo'): void {
    const label = app.workspace[which]()
    if (label === undefined) return
    if (app.current !== undefined && !app.workspace.files.has(app.current)) openAny(app)
    app.say(`${which === 'undo' ? 'Undone' : 'Done again'}: ${label}`)
  }

  function update(): void {
    const { undoLabel, redoLabel } = app.workspace
    show(undo, LINES.undo, 'Undo', undoLabel)
    show(redo, LINES.redo, 'Do again', redoLabel)
  }

  const incoming = menu([lineIcon(LINES.add), h('span', { class: 'wide' }, ' Add')], 'Add files', () => [
    { label: 'Open files …', run: () => chooseFiles(app, false) },
    {
      label: 'Open a folder …',
      hint: 'browsers call it “upload”: it stays here',
      run: () => chooseFiles(app, true),
    },
    { label: 'Paste or type a text …', run: doings.paste },
    { label: 'Example: a broken stack', run: () => doings.example(false) },
    { label: 'Example: … and its bad night', hint: 'with logs', run: () => doings.example(true) },
    {
      label: 'Start over',
      hint: 'can be undone',
      run: doings.startOver,
      disabled: app.workspace.files.size === 0,
    },
  ])
  const outgoing = menu(
    [lineIcon(LINES.download), h('span', { class: 'wide' }, ' Download')],
    'Download',
    () => {
      const none = app.workspace.files.size === 0
      const changed = [...app.workspace.files.values()].some(file => file.text !== file.original)
      return [
        {
          label: 'Changed files',
          hint: changed ? 'tar.gz, secrets included' : 'nothing was changed',
          run: () => void downloadAll(app, 'changed'),
          disabled: !changed,
        },
        {
          label: 'All files',
          hint: 'tar.gz, secrets included',
          run: () => void downloadAll(app, 'all'),
          disabled: none,
        },
        {
          label: 'All files, redacted',
          hint: 'tar.gz, secrets hidden',
          run: () => void downloadAll(app, 'redacted'),
          disabled: none,
        },
      ]
    },
  )
  app.workspace.onChange(update)
  update()
  return h(
    'header',
    { class: 'top' },
    h('h1', {}, lineIcon(LINES.gate), 'badgateway'),
    incoming,
    outgoing,
    undo,
    redo,
    h('span', { class: 'gap' }),
    button(
      [lineIcon(LINES.shield), h('span', { class: 'wide' }, ` ${promise.short}`)],
      doings.proof,
      {
        class: 'promise-button',
        'aria-label': `${promise.short}: see the proof`,
      },
    ),
    button(lineIcon(LINES.theme), () => app.say(`${flipTheme()} colours`), {
      class: 'plain',
      'aria-label': 'Light or dark',
      title: 'Light or dark',
    }),
    button('?', doings.help, { class: 'plain', 'aria-label': 'Help and keys', title: 'Help and keys (?)' }),
  )
}

function show(button: HTMLButtonElement, drawing: string, verb: string, label: string | undefined): void {
  const title = label === undefined ? `${verb}: nothing` : `${verb}: ${label}`
  // Not `disabled`, which would throw the focus away in the middle of undoing.
  button.setAttribute('aria-disabled', String(label === undefined))
  button.setAttribute('aria-label', title)
  button.setAttribute('title', title)
  replace(button, lineIcon(drawing))
}

/** When the file that was shown is gone. */
export function openAny(app: App): void {
  const first = app.judge.current?.report.findings[0]?.primary
  if (first) return app.goTo(first)
  const [file] = app.workspace.sorted
  app.current = file?.path
  if (file) app.open({ path: file.path, line: 1 })
}
