/** Pieces that several views show the same way. */

import type { App } from '../app'
import type { Place } from '../core/answers'
import { button, h, type Child } from '../dom'
import { words } from '../markdown'
import { baseName, visible } from '../paths'
import { copy } from '../take-out'
import { LINES, lineIcon } from './icons'

/** Lines of a file that are too long are shown in part, in lists. */
const MOST_SHOWN = 400

/** `shop.conf:28`, and one click leads there. */
export function placeButton(app: App, place: Pick<Place, 'path' | 'line'> & Partial<Place>): HTMLElement {
  const go = (): void => {
    if (place.start_byte === undefined) app.goToLine(place)
    else app.goTo(place as Place)
    app.show('text')
  }
  const shown = visible(place.path)
  return button(
    [
      h('span', { class: 'folder' }, shown.slice(0, -baseName(shown).length)),
      `${baseName(shown)}:${place.line}`,
    ],
    go,
    { class: 'place', title: `Go to line ${place.line} of ${shown}` },
  )
}

/** The first line of a place, with the place itself marked. */
export function codeFrame(place: Place): HTMLElement {
  const whole = Array.from(place.source_line)
  // The indent says nothing here, and on a phone it pushes the line out of sight.
  const indent = Math.min(
    place.column - 1,
    whole.findIndex(letter => letter.trim() !== ''),
  )
  const letters = whole.slice(Math.max(0, indent))
  const from = place.column - 1 - Math.max(0, indent)
  const to = place.end_line > place.line ? letters.length : place.end_column - 1 - Math.max(0, indent)
  const part = (a: number, b: number): string => visible(letters.slice(a, b).join(''))
  return h(
    'pre',
    { class: 'frame' },
    h('span', { class: 'line-number' }, String(place.line)),
    h(
      'code',
      {},
      part(0, from),
      h('mark', {}, part(from, Math.max(to, from + 1))),
      part(Math.max(to, from + 1), MOST_SHOWN),
    ),
    place.label && h('span', { class: 'label' }, words(place.label)),
  )
}

export function copyButton(app: App, text: () => string, what: string, label: Child = 'Copy'): HTMLElement {
  const run = async (): Promise<void> => {
    const done = await copy(text())
    app.say(
      done
        ? `Copied: ${what}`
        : 'The browser did not let this page copy. Select the text and copy it by hand.',
    )
  }
  return button([lineIcon(LINES.copy), ' ', label], () => void run(), { class: 'small' })
}

/** An address. This page can open none, so that it is copied instead. */
export function addressButton(app: App, url: string, label = url): HTMLElement {
  const run = async (): Promise<void> => {
    const done = await copy(url)
    app.say(done ? `Address copied: ${url}` : `This page cannot open addresses: ${url}`)
  }
  const shown = label === url ? url.replace(/^https?:\/\//, '') : label
  return button([shown, ' ', lineIcon(LINES.copy)], () => void run(), {
    class: 'address',
    title: `Copy ${url} (this page can open no address)`,
  })
}

/** What is not known or was not read. */
export function note(kind: 'unknown' | 'warning' | 'good' | 'plain', ...children: Child[]): HTMLElement {
  return h('div', { class: `note ${kind}` }, children)
}
