/** The middle of the page: the text of a file, a change before it is made, or a redacted text. */

import type { App, Proposal } from '../app'
import { diagnosticsOf } from '../editor/diagnostics'
import { TextEditor } from '../editor/text-editor'
import { button, h, replace, type Child } from '../dom'
import { kindLabel } from '../kinds'
import { words } from '../markdown'
import { baseName, visible } from '../paths'
import { diffTable } from './diff-table'
import { note } from './parts'
import { redactedStage } from './redacted-stage'

/** A change in two columns needs this many pixels. */
const ROOM_FOR_TWO = 860

export function stageView(app: App): HTMLElement {
  const bar = h('div', { class: 'stage-bar' })
  const hosts = {
    text: h('div', { class: 'editor' }),
    change: h('div', { class: 'editor', hidden: true }),
    redacted: h('div', { class: 'editor-column', hidden: true }),
  }
  const warning = h('div', {})
  const editor = new TextEditor(hosts.text, (path, text) => app.workspace.type(path, text))
  const redacted = redactedStage(app, hosts.redacted)
  let proposal: Proposal | null = null
  let shownFile = 0
  let beside: boolean | undefined

  function mode(): keyof typeof hosts {
    if (proposal) return 'change'
    return app.view === 'redact' ? 'redacted' : 'text'
  }

  function update(): void {
    const now = mode()
    for (const [name, host] of Object.entries(hosts)) host.hidden = name !== now
    replace(warning, proposal?.warning && now === 'change' && note('warning', proposal.warning))
    if (now === 'change') showChange()
    else replace(hosts.change)
    if (now === 'redacted') redacted.show(app.current)
    replace(bar, ...(now === 'change' ? changeBar() : textBar()))
  }

  function hasRoomForTwo(): boolean {
    return hosts.change.clientWidth >= ROOM_FOR_TWO
  }

  function showChange(): void {
    const file = proposal?.files[shownFile]
    if (!file) return
    const kind = app.workspace.get(file.path)?.kind ?? ''
    beside ??= hasRoomForTwo()
    replace(hosts.change, diffTable(file.path, kind, file.before, file.after, beside && hasRoomForTwo()))
  }

  function textBar(): Child[] {
    const file = app.current === undefined ? undefined : app.workspace.get(app.current)
    if (!file) return [h('p', { class: 'path' }, 'No file is open.')]
    const facts = [kindLabel(file.kind)]
    if (file.encoding !== 'utf-8') facts.push('not UTF-8, shown as Latin-1')
    if (file.via) facts.push(`from ${baseName(file.via)}`)
    if (file.link) facts.push(`a link to ${file.link}`)
    if (file.text !== file.original) facts.push('changed')
    return [
      h('h2', { class: 'path' }, visible(file.path)),
      h('p', { class: 'facts' }, facts.join(' · ')),
      mode() === 'redacted' && h('p', { class: 'facts strong' }, 'redacted'),
    ]
  }

  function changeBar(): Child[] {
    if (!proposal) return []
    const { title, files, accept, from } = proposal
    const close = (): void => {
      app.emit('proposal', null)
      app.show(from)
    }
    const choose = h(
      'select',
      { 'aria-label': 'Changed file', onchange: () => turn(choose.selectedIndex) },
      files.map((file, index) => h('option', { selected: index === shownFile }, visible(file.path))),
    )
    const flip = (): void => {
      beside = !beside
      update()
    }
    return [
      h('h2', { class: 'path' }, words(title)),
      files.length > 1 ? choose : h('p', { class: 'facts' }, visible(files[0]?.path ?? '')),
      h(
        'p',
        { class: 'actions' },
        hasRoomForTwo() && button(beside ? 'One column' : 'Side by side', flip, { class: 'small' }),
        button(accept ? 'Not now' : 'Close', close, { class: 'small' }),
        accept && button(accept.label, accept.run, { class: 'small main' }),
      ),
    ]
  }

  function turn(index: number): void {
    shownFile = index
    update()
    bar.querySelector('select')?.focus()
  }

  function refresh(): void {
    const file = app.current === undefined ? undefined : app.workspace.get(app.current)
    if (file) editor.update(file)
    editor.keepOnly(new Set(app.workspace.files.keys()))
    update()
  }

  function mark(): void {
    const file = editor.path === undefined ? undefined : app.workspace.get(editor.path)
    if (file) editor.diagnose(diagnosticsOf(app, file))
  }

  app.on('open', ({ path, line, bytes }) => {
    const file = app.workspace.get(path)
    if (!file) return
    editor.open(file)
    update()
    mark()
    editor.goTo(line, bytes)
  })
  app.on('proposal', next => {
    proposal = next
    shownFile = 0
    update()
    if (next) bar.querySelector<HTMLElement>('button.main')?.focus()
  })
  app.on('view', update)
  app.judge.onJudged(mark)
  app.workspace.onChange(typing => {
    if (typing) replace(bar, ...(mode() === 'change' ? changeBar() : textBar()))
    else refresh()
  })
  const element = h(
    'section',
    { class: 'stage', id: 'text', 'aria-label': 'Text', tabindex: -1 },
    bar,
    warning,
    Object.values(hosts),
  )
  element.addEventListener('focus', () => {
    if (mode() === 'text') editor.focus()
  })
  return element
}
