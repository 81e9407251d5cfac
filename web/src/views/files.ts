/** The virtual files, by folder, with what each is and how many findings it has. */

import type { App } from '../app'
import { button, count, h, replace, type Child } from '../dom'
import { isLog, kindLabel, UNKNOWN } from '../kinds'
import { baseName, cleanPath, folderOf, visible } from '../paths'
import { copy, download } from '../take-out'
import { encode } from '../text'
import type { VirtualFile } from '../workspace'
import { pathOf } from '../fixing'
import { openDialog } from './dialog'
import { LINES, lineIcon, shape, type Level } from './icons'
import { menu } from './menu'

/** More rows than this are found by their names. */
const MOST_ROWS = 400
const FILTER_FROM = 25

export function filesView(app: App): HTMLElement {
  const list = h('div', { class: 'tree' })
  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter files',
    'aria-label': 'Filter files',
    hidden: true,
    oninput: () => update(),
  })
  const title = h('h2', {}, 'Files')
  /** What is shown; while somebody types it mostly stays. */
  let shape = ''

  function update(): void {
    const files = app.workspace.sorted
    const wanted = filter.value.trim().toLowerCase()
    filter.hidden = files.length < FILTER_FROM
    const fitting = files.filter(file => file.path.toLowerCase().includes(wanted))
    const tallies = tally(app)
    const rows = fitting.map(({ path, kind, text, original }) => [
      path,
      kind,
      text === original,
      tallies.get(path),
    ])
    const now = JSON.stringify([rows, app.current])
    if (now === shape) return
    shape = now
    const folders = new Map<string, VirtualFile[]>()
    for (const file of fitting.slice(0, MOST_ROWS)) {
      const folder = folderOf(file.path)
      folders.set(folder, [...(folders.get(folder) ?? []), file])
    }
    const focused = list.querySelector(':focus')?.closest('[data-path]')?.getAttribute('data-path')
    replace(
      list,
      [...folders].map(([folder, inside]) => [
        h(
          'h3',
          { class: 'folder' },
          visible(folder) || (inside[0]?.path.startsWith('/') ? '/' : 'without a folder'),
        ),
        h(
          'ul',
          { role: 'list' },
          inside.map(file => row(app, file, tallies.get(file.path))),
        ),
      ]),
      fitting.length > MOST_ROWS &&
        h('p', { class: 'quiet' }, `${fitting.length - MOST_ROWS} more: filter by name`),
    )
    replace(title, `Files `, h('small', {}, String(files.length)))
    if (focused) {
      const again = [...list.querySelectorAll<HTMLElement>('[data-path]')].find(
        one => one.dataset.path === focused,
      )
      again?.querySelector('button')?.focus()
    }
  }

  app.workspace.onChange(typing => {
    if (!typing) update()
  })
  app.judge.onJudged(update)
  app.on('open', update)
  return h(
    'section',
    { class: 'files', id: 'files', 'aria-label': 'Files', tabindex: -1 },
    title,
    filter,
    list,
  )
}

type Tally = Record<'error' | 'warning' | 'unknown', number>

function tally(app: App): Map<string, Tally> {
  const out = new Map<string, Tally>()
  const add = (path: string, level: keyof Tally): void => {
    const own = pathOf(app, path)
    const known = out.get(own) ?? { error: 0, warning: 0, unknown: 0 }
    known[level] += 1
    out.set(own, known)
  }
  const report = app.judge.current?.report
  for (const { primary, severity } of report?.findings ?? []) {
    if (severity !== 'info') add(primary.path, severity)
  }
  for (const { kind, place } of report?.problems ?? []) {
    if (place) add(place.path, kind === 'syntax' ? 'error' : 'unknown')
  }
  return out
}

function row(app: App, file: VirtualFile, tally: Tally | undefined): HTMLElement {
  const current = app.current === file.path
  const open = (): void => {
    app.open({ path: file.path, line: 1 })
    app.show('text')
  }
  const changed = file.text !== file.original
  const label = [
    h(
      'span',
      { class: 'name' },
      visible(baseName(file.path)),
      changed &&
        h('span', { class: 'changed', title: 'changed' }, h('span', { class: 'unseen' }, ', changed')),
    ),
    h(
      'span',
      { class: `kind${file.kind === UNKNOWN ? ' unknown' : ''}` },
      file.kind === UNKNOWN && shape('unknown'),
      kindLabel(file.kind),
    ),
  ]
  return h(
    'li',
    { 'data-path': file.path },
    button(label, open, {
      class: 'file',
      'aria-current': current ? 'true' : null,
      title: visible(file.path),
    }),
    tally && h('span', { class: 'tallies' }, marks(tally)),
    menu(lineIcon(LINES.more), `More for ${visible(baseName(file.path))}`, () => actions(app, file), 'plain'),
  )
}

function marks(tally: Tally): Child[] {
  const levels: readonly (readonly [keyof Tally & Level, string])[] = [
    ['error', 'error'],
    ['warning', 'warning'],
    ['unknown', 'thing not known'],
  ]
  return levels.map(([level, word]) => {
    const number = tally[level]
    if (number === 0) return null
    const said = count(number, word, word === 'thing not known' ? 'things not known' : `${word}s`)
    return h(
      'span',
      { class: level },
      shape(level),
      h('span', { 'aria-hidden': 'true' }, number),
      h('span', { class: 'unseen' }, said),
    )
  })
}

function actions(app: App, file: VirtualFile) {
  const path = visible(file.path)
  return [
    { label: 'Rename or move …', run: () => rename(app, file) },
    {
      label: 'Copy its text',
      hint: isLog(file.kind) ? '' : 'as it is, secrets included',
      run: () =>
        void copy(file.text).then(done =>
          app.say(done ? `Copied: ${path}` : 'The browser did not let this page copy.'),
        ),
    },
    {
      label: 'Download',
      run: () => download(baseName(file.path), new Blob([encode(file.text, file.encoding)])),
    },
    { label: 'Remove', hint: 'can be undone', run: () => remove(app, file) },
  ]
}

function remove(app: App, file: VirtualFile): void {
  app.workspace.remove(`removed ${file.path}`, [file.path])
  app.say(`Removed: ${visible(file.path)}. Undo is in the bar at the top.`)
  document.getElementById('files')?.focus()
}

function rename(app: App, file: VirtualFile): void {
  const field = h('input', {
    type: 'text',
    value: file.path,
    id: 'rename',
    spellcheck: 'false',
    autocomplete: 'off',
  })
  const trouble = h('p', { class: 'trouble', role: 'alert' })
  const submit = (): void => {
    const path = cleanPath(field.value)
    if (!path) return replace(trouble, 'A file needs a name.')
    if (path !== file.path && app.workspace.files.has(path))
      return replace(trouble, 'There is a file of this name.')
    dialog.close()
    if (path === file.path) return
    app.workspace.rename(file.path, path)
    if (app.current === file.path) app.open({ path, line: 1 })
    app.say(`Renamed to ${visible(path)}`)
  }
  field.addEventListener('keydown', event => {
    if (event.key === 'Enter') submit()
  })
  const form = h(
    'div',
    { class: 'form' },
    h('label', { for: 'rename' }, 'Path on the server'),
    field,
    h(
      'p',
      { class: 'help' },
      'Includes are looked for by path: a file that nginx includes as ',
      h('code', {}, '/etc/nginx/conf.d/site.conf'),
      ' must have this path here.',
    ),
    trouble,
    h('p', { class: 'actions' }, button('Rename', submit, { class: 'main' })),
  )
  const dialog = openDialog(`Rename ${visible(baseName(file.path))}`, form)
  field.focus()
  field.setSelectionRange(0, field.value.length)
}
