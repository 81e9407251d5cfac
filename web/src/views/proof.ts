/** What makes sure that nothing leaves the page, read from the page itself. */

import type { App } from '../app'
import { h, replace, type Child } from '../dom'
import { promise } from '../promise'
import { base64, hex, sha256 } from '../sha256'
import { openDialog } from './dialog'
import { copyButton, note } from './parts'

/** What each part of the policy is for, in the order in which it is stated. */
const MEANINGS: Readonly<Record<string, string>> = {
  'default-src': 'whatever is not named below is refused',
  'script-src': 'one script, of this SHA-256, and WebAssembly; no other, however it may come in',
  'style-src': 'two style sheets, of these SHA-256',
  'img-src': 'images only from within the page',
  'connect-src': 'no request by script, of any kind',
  'frame-src': 'no other document in a frame',
  'worker-src': 'no worker',
  'base-uri': 'addresses cannot be bent',
  'form-action': 'no form can be sent',
  'require-trusted-types-for': 'no text becomes HTML or script',
  'trusted-types': 'nobody can make an exception to that',
}

const LIBRARIES = `CodeMirror 6 (state, view, commands, search, lint), style-mod, crelt, w3c-keyname and find-cluster-break:
MIT License, Copyright (C) 2018-2021 by Marijn Haverbeke and others.`

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

let refused = 0

/** Counts what the policy refuses, from the beginning. It should stay at zero. */
export function watchPolicy(): void {
  document.addEventListener('securitypolicyviolation', () => {
    refused += 1
  })
}

export interface Parts {
  readonly core: Uint8Array<ArrayBuffer>
  readonly version: string
}

export function showProof(app: App, parts: Parts): void {
  const policy = document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? ''
  const sums = h('tbody', {})
  const content = [
    h('p', {}, promise.proof),
    h('dl', { class: 'facts-list' }, facts(app, policy)),
    h('h3', {}, 'The policy in force'),
    h('p', {}, promise.policy),
    h('table', { class: 'policy' }, h('tbody', {}, policy.split('; ').map(policyRow))),
    copyButton(app, () => policy, 'the policy'),
    h('h3', {}, 'The parts of this page'),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Sums of the parts' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Part', 'Bytes', 'SHA-256'].map(text => h('th', { scope: 'col' }, text)),
          ),
        ),
        sums,
      ),
    ),
    h(
      'p',
      {},
      'The sum of the whole file is in the release notes: ',
      h('code', {}, `sha256sum ${promise.file}`),
      '. Who builds the page from the sources gets the same bytes.',
    ),
    note(
      'warning',
      h('b', {}, 'What no policy can promise.'),
      ' Extensions of your browser can read every page. A page from somebody else can look like this one: compare the sum. WebRTC is not covered by any policy; the program does not use it, the build makes sure of that, and only the script of that one SHA-256 can run.',
    ),
    h('h3', {}, 'Made with'),
    h('p', {}, `badgateway ${parts.version}, MIT or Apache-2.0. ${LIBRARIES}`),
    h('details', {}, h('summary', {}, 'The MIT License'), h('p', { class: 'quiet' }, MIT)),
  ]
  openDialog(promise.short, content, 'sheet')
  void fillSums(sums, parts, policy)
}

function facts(app: App, policy: string): Child {
  const requests = performance.getEntriesByType('resource').length
  const stored = self.origin === 'null'
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['Functions that the core can call outside of itself', String(app.core.imports), app.core.imports === 0],
    ['Requests that this page has made', String(requests), requests === 0],
    ['Attempts that the policy had to refuse', String(refused), refused === 0],
    [
      'Origin of this frame',
      stored ? 'none: no cookies, no storage, no way to its server' : self.origin,
      stored,
    ],
    ['Policy', policy ? 'in force' : 'MISSING', policy !== ''],
    [
      'Breakdowns of the core',
      app.core.breakdowns === 0 ? 'none' : `${app.core.breakdowns}, each replaced by a new one`,
      true,
    ],
  ]
  return rows.map(([what, value, good]) =>
    h('div', {}, h('dt', {}, what), h('dd', { class: good ? 'good' : 'bad' }, good ? '✓ ' : '✗ ', value)),
  )
}

function policyRow(directive: string): HTMLElement {
  const name = directive.split(' ')[0] ?? ''
  return h('tr', {}, h('td', {}, h('code', {}, directive)), h('td', {}, MEANINGS[name] ?? ''))
}

async function fillSums(body: HTMLElement, parts: Parts, policy: string): Promise<void> {
  const text = (selector: string): Uint8Array<ArrayBuffer> =>
    new TextEncoder().encode(document.querySelector(selector)?.textContent ?? '')
  const all: readonly (readonly [string, Uint8Array<ArrayBuffer>, boolean])[] = [
    ['script', text('#program'), true],
    ['style sheet', text('style'), true],
    ['core (WebAssembly)', parts.core, false],
    ['examples', text('#examples'), false],
  ]
  const rows: Child[] = []
  for (const [name, bytes, pinned] of all) {
    const sum = await sha256(bytes)
    const fits = policy.includes(`'sha256-${base64(sum)}'`)
    const said = pinned ? (fits ? ' ✓ the policy names it' : ' ✗ the policy does not name it') : ''
    rows.push(
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, name),
        h('td', { class: 'number' }, bytes.length.toLocaleString('en')),
        h('td', {}, h('code', {}, hex(sum)), said),
      ),
    )
  }
  replace(body, rows)
}
