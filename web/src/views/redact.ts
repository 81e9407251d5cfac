/** What is hidden before anything is handed on: the list, the switch, copy, download, the way back. */

import type { App } from '../app'
import type { Secret, Slip } from '../core/answers'
import { button, count, h, replace, type Child } from '../dom'
import { accept, changesOf, pathOf } from '../fixing'
import { baseName, visible } from '../paths'
import { copy } from '../take-out'
import { downloadAll } from '../packing'
import { note, placeButton } from './parts'

const MOST_SHOWN = 300

const SLIPS: Readonly<Record<Slip['kind'], string>> = {
  invented: 'was never given out: it stays as it is',
  altered: 'was changed: its value is not put back',
  lost: 'is gone from the text',
  duplicated: 'is there more often than before',
}

export function redactView(app: App): HTMLElement {
  const { redaction } = app
  const body = h('div', {})
  const identity = h('input', {
    type: 'checkbox',
    id: 'identity',
    checked: redaction.identity,
    onchange: () => {
      redaction.identity = identity.checked
      refresh()
    },
  })

  function refresh(): void {
    update()
    app.emit('view', undefined)
  }

  function update(): void {
    if (app.view !== 'redact') return
    try {
      const { found } = redaction.ask()
      replace(body, ...content(found))
    } catch (error) {
      replace(body, note('unknown', error instanceof Error ? error.message : String(error)))
    }
  }

  function content(found: readonly Secret[]): Child[] {
    const groups = new Map<string, Secret[]>()
    for (const secret of found)
      groups.set(secret.placeholder, [...(groups.get(secret.placeholder) ?? []), secret])
    const lead =
      groups.size === 0
        ? 'Nothing was found that should be hidden. That is what the rules know; read the text before you hand it on.'
        : `${count(groups.size, 'value')} hidden at ${count(found.length, 'place')}. Read the text before you hand it on: no tool knows every secret.`
    return [
      h('p', { class: 'lead' }, lead),
      h(
        'p',
        { class: 'actions' },
        button('Copy this file', () => void copyCurrent(), { class: 'main' }),
        button('Copy all', () => void copyAll()),
        button('Download all', () => void downloadAll(app, 'redacted')),
        button('See the text', () => app.show('text'), { class: 'only-narrow' }),
      ),
      redaction.revealed.size > 0 && shownAnyway(),
      edited(),
      h('ul', { class: 'secrets', role: 'list' }, [...groups.values()].slice(0, MOST_SHOWN).map(secretItem)),
      groups.size > MOST_SHOWN &&
        h('p', { class: 'quiet' }, `${groups.size - MOST_SHOWN} more are hidden and not listed.`),
    ]
  }

  function secretItem(places: readonly Secret[]): Child {
    const [first] = places
    if (!first) return null
    const show = (): void => {
      const value = redaction.value(first)
      if (value) redaction.revealed.add(value)
      refresh()
      app.say(`Shown: the value behind ${first.placeholder}`)
    }
    const find = (): void => {
      if (app.current !== pathOf(app, first.path)) app.open({ path: first.path, line: first.line })
      app.show('redact')
      app.emit('placeholder', first.placeholder)
    }
    return h(
      'li',
      {},
      h(
        'p',
        {},
        button(h('code', {}, first.placeholder), find, { class: 'place', title: 'Find it in the text' }),
        ' ',
        first.reason,
      ),
      h(
        'p',
        { class: 'quiet' },
        `${first.rule} · ${first.layer} · `,
        placeButton(app, first),
        places.length > 1 && ` and ${count(places.length - 1, 'more place')}`,
        ' ',
        button(
          ['Show this', h('span', { class: 'unseen' }, `: the value behind ${first.placeholder}`)],
          show,
          { class: 'small' },
        ),
      ),
    )
  }

  /** Values are listed by their beginning: they are on the screen already, by that person's wish. */
  function shownAnyway(): HTMLElement {
    const hide = (value: string): void => {
      redaction.revealed.delete(value)
      refresh()
    }
    return note(
      'warning',
      h('p', {}, `${count(redaction.revealed.size, 'value')} shown because you asked for it:`),
      h(
        'ul',
        {},
        [...redaction.revealed].map(value =>
          h(
            'li',
            {},
            h('code', {}, visible(value.slice(0, 40))),
            ' ',
            button('Hide again', () => hide(value), { class: 'small' }),
          ),
        ),
      ),
    )
  }

  function edited(): Child {
    if (redaction.edits.size === 0) {
      return h(
        'p',
        { class: 'quiet' },
        'The redacted text can be edited, or an edited one pasted over it; its values are then put back. Names of files are not changed.',
      )
    }
    return note(
      'plain',
      h('p', {}, `${count(redaction.edits.size, 'redacted file')} edited.`),
      h(
        'p',
        { class: 'actions' },
        button('Put the values back …', restore, { class: 'main' }),
        button('Forget the edits', () => {
          redaction.edits.clear()
          refresh()
        }),
      ),
    )
  }

  function restore(): void {
    try {
      const { texts, slips } = redaction.restore()
      const changed = new Map([...texts].filter(([path, text]) => app.workspace.get(path)?.text !== text))
      if (changed.size === 0 && slips.length === 0)
        return app.say('With its values put back the text is what it was.')
      app.propose({
        title: 'Edited text with its values put back',
        files: changesOf(app, changed),
        ...(slips.length > 0 && { warning: slipText(slips) }),
        accept: { label: 'Apply', run: () => accept(app, 'edited redacted text', changed) },
        from: 'redact',
      })
    } catch (error) {
      app.say(error instanceof Error ? error.message : String(error))
    }
  }

  async function copyCurrent(): Promise<void> {
    const file = app.current === undefined ? undefined : app.workspace.get(app.current)
    if (!file) return app.say('No file is open.')
    await said(redaction.text(file.path), `the redacted ${visible(baseName(file.path))}`)
  }

  async function copyAll(): Promise<void> {
    const texts = app.workspace.sorted.map(
      file => `# configuration file ${file.path}:\n${redaction.text(file.path)}`,
    )
    await said(texts.join('\n'), `${count(texts.length, 'redacted file')}`)
  }

  async function said(text: string, what: string): Promise<void> {
    app.say((await copy(text)) ? `Copied: ${what}` : 'The browser did not let this page copy.')
  }

  app.workspace.onChange(update)
  app.on('view', update)
  app.on('redacted', update)
  return h(
    'div',
    { class: 'view' },
    h(
      'div',
      { class: 'options' },
      h('p', {}, identity, h('label', { for: 'identity' }, 'hide names of hosts, addresses and people too')),
    ),
    body,
  )
}

function slipText(slips: readonly Slip[]): string {
  const texts = slips.map(
    slip =>
      `${slip.placeholder} ${SLIPS[slip.kind]} (${visible(slip.path)}${slip.line ? `:${slip.line}` : ''})`,
  )
  return `Not everything fits: ${texts.join('; ')}.`
}
