/** Puts the page together and starts the core. */

import { App, type View } from './app'
import { Core } from './core/core'
import { fromText } from './core/from-text'
import { count, h } from './dom'
import { chooseFiles, dropTarget, takeFiles } from './intake/drop'
import { take, takeText, takeTexts } from './intake/intake'
import { watchKinds } from './intake/kinds'
import { isLog } from './kinds'
import { isTyping, listen } from './keys'
import { mark, marks } from './marks'
import { baseName, visible } from './paths'
import { flipTheme } from './theme'
import { chainView } from './views/chain'
import { filesView } from './views/files'
import { findingsView } from './views/findings'
import { fixView } from './views/fix'
import { headerView, openAny } from './views/header'
import { showHelp } from './views/help'
import { logsView } from './views/logs'
import { note } from './views/parts'
import { pasteDialog } from './views/paste'
import { showProof, watchPolicy, type Parts } from './views/proof'
import { redactView } from './views/redact'
import { stageView } from './views/stage'
import { VIEWS, addView, tabsView } from './views/tabs'
import { toastView } from './views/toast'
import { verdictView } from './views/verdict'
import { welcomeView } from './views/welcome'
import type { VirtualFile } from './workspace'

interface Examples {
  readonly stack: readonly { path: string; text: string }[]
  readonly night: readonly { path: string; text: string }[]
}

function root(): HTMLElement {
  return document.getElementById('app') ?? document.body
}

/** A view that only some page has: its name, its label, and what makes it. */
export type Extra = readonly [name: View, label: string, make: (app: App) => HTMLElement]

async function begin(extra: readonly Extra[]): Promise<void> {
  for (const [name, label] of extra) addView(name, label)
  watchPolicy()
  mark('script')
  const block = document.getElementById('core')
  const bytes = fromText(block?.textContent ?? '')
  // Two megabytes of text that nobody needs any more.
  block?.remove()
  const core = await Core.start(bytes)
  mark('core')
  const { version } = core.ask('about', {})
  build(new App(core), { core: bytes, version }, extra)
  mark('ready')
  setTimeout(() => warmUp(core), 50)
}

/**
 * Browsers compile a function of the core when it is called first. That costs less while a person
 * reads the first screen than when findings are waited for.
 */
function warmUp(core: Core): void {
  try {
    const files = examples().stack
    core.ask('check', { files, maps: [], facts: null, strict: false })
  } catch {
    // Whoever needs an answer will be told.
  }
  mark('warm')
}

function examples(): Examples {
  return JSON.parse(document.getElementById('examples')?.textContent ?? '{}') as Examples
}

function build(app: App, parts: Parts, extra: readonly Extra[]): void {
  const toast = toastView()
  app.say = toast.say
  const show = {
    paste: () => pasteDialog(app),
    example: (withLogs: boolean) => loadExample(app, withLogs),
    proof: () => showProof(app, parts),
    help: showHelp,
    startOver: () => {
      app.workspace.remove('started over', [...app.workspace.files.keys()])
      app.current = undefined
      app.skips = []
      app.emit('skips', [])
    },
  }
  const panels: Record<string, (app: App) => HTMLElement> = {
    findings: findingsView,
    chain: chainView,
    fix: fixView,
    logs: logsView,
    redact: redactView,
    ...Object.fromEntries(extra.map(([name, , make]) => [name, make])),
  }
  const tabs = tabsView(app)
  const panel = h(
    'section',
    { class: 'panel', id: 'panel', tabindex: -1, 'aria-label': 'Results' },
    VIEWS.map(name =>
      h(
        'div',
        { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}`, tabindex: 0 },
        panels[name]?.(app),
      ),
    ),
  )
  const work = h('main', { class: 'work' }, verdictView(app), tabs, filesView(app), stageView(app), panel)
  const welcome = h('main', { class: 'hello' }, welcomeView(app, show))
  root().replaceChildren(headerView(app, show), welcome, work, toast.element, dropTarget(app))

  const update = (): void => {
    const empty = app.workspace.files.size === 0
    welcome.hidden = !empty
    work.hidden = empty
    document.body.dataset.column = app.column
    for (const name of VIEWS) {
      const element = document.getElementById(`panel-${name}`)
      if (element) element.hidden = name !== app.view
    }
  }
  app.workspace.onChange(update)
  app.on('view', update)
  update()
  bringIn(app)
  watchKinds(app)
  listen(app, {
    help: showHelp,
    openFiles: () => chooseFiles(app, false),
    undo: () => document.querySelector<HTMLButtonElement>('[aria-label^="Undo"]')?.click(),
    redo: () => document.querySelector<HTMLButtonElement>('[aria-label^="Do again"]')?.click(),
    theme: () => app.say(`${flipTheme()} colours`),
  })
}

/** All ways in end here. */
function bringIn(app: App): void {
  app.take = async (raws, before) => {
    const { files, skips, notes } = await take(raws, app.core)
    app.skips = [...app.skips, ...before, ...skips]
    added(app, files, notes)
  }
  app.takeText = text =>
    added(
      app,
      takeText(text, path => app.workspace.files.has(path), app.core),
      [],
    )
  addEventListener('paste', event => {
    const { clipboardData: data } = event
    if (!data || isTyping(event) || document.querySelector('dialog[open]')) return
    event.preventDefault()
    const text = data.getData('text/plain')
    if (data.files.length > 0) void takeFiles(app, [...data.files], [])
    else if (text.trim() !== '') app.takeText(text)
  })
}

function added(app: App, files: readonly VirtualFile[], notes: readonly string[]): void {
  const left = app.skips.length
  if (files.length > 0) {
    const [first] = files
    const label = files.length === 1 && first ? visible(first.path) : count(files.length, 'file')
    app.workspace.add(`added ${label}`, files)
    app.judge.now()
    if (files.every(file => isLog(file.kind))) app.show('logs')
    const found = app.judge.current?.report.findings.some(one =>
      files.some(file => file.path === one.primary.path),
    )
    if (found || !first) openAny(app)
    else app.open({ path: mainOf(files)?.path ?? first.path, line: 1 })
    const rest = left > 0 ? `${count(left, 'file')} left out: see the findings` : ''
    app.say([`Added ${label}`, ...notes, rest].filter(Boolean).join('. '))
  } else {
    app.say(
      left > 0
        ? `Nothing could be read: ${app.skips.at(-1)?.name}: ${app.skips.at(-1)?.why}`
        : 'There was nothing in it.',
    )
  }
  app.emit('skips', app.skips)
}

/** The file that one wants to see of many. */
function mainOf(files: readonly VirtualFile[]): VirtualFile | undefined {
  const names = ['nginx.conf', 'php-fpm.conf', 'php.ini']
  return names.map(name => files.find(file => baseName(file.path) === name)).find(Boolean)
}

function loadExample(app: App, withLogs: boolean): void {
  mark('example-asked')
  const { stack, night } = examples()
  const logs = night.map(({ path, text }) => ({ path: `/var/log/${path}`, text }))
  const files = takeTexts(withLogs ? [...stack, ...logs] : stack, app.core)
  app.workspace.add(withLogs ? 'added the bad night' : 'added the example', files)
  app.judge.now()
  openAny(app)
  app.show(withLogs ? 'logs' : 'findings')
  mark('example-shown')
}

/** Starts the page; `extra` are views besides those that every page has. */
export function start(extra: readonly Extra[] = []): void {
  Object.assign(globalThis, { badgateway: { marks } })
  begin(extra).catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error)
    root().replaceChildren(
      h(
        'main',
        { class: 'hello' },
        note('unknown', `This page could not start: ${text}. It needs a browser from 2024 or later.`),
      ),
    )
  })
}
