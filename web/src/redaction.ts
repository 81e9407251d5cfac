/** The redacted state of all files: asked of the core, kept while nothing changes. */

import type { App } from './app'
import type { Secret, Slip } from './core/answers'
import { pathOf, textOf } from './fixing'
import { encode } from './text'
import { toCore } from './workspace'

export interface Redacted {
  readonly texts: ReadonlyMap<string, string>
  readonly found: readonly Secret[]
  readonly map: unknown
}

export interface Restored {
  readonly texts: ReadonlyMap<string, string>
  readonly slips: readonly Slip[]
}

export class Redaction {
  readonly #app: App
  #known: { revision: number; asked: string; answer: Redacted } | undefined
  /** Names of hosts, addresses, people: not secret, but nobody else's business. */
  identity = true
  /** Values that a person wants to see. */
  readonly revealed = new Set<string>()
  /** Redacted texts as a person edited them. */
  readonly edits = new Map<string, string>()

  constructor(app: App) {
    this.#app = app
  }

  ask(): Redacted {
    const { revision, sorted } = this.#app.workspace
    const asked = JSON.stringify([this.identity, [...this.revealed]])
    if (this.#known?.revision === revision && this.#known.asked === asked) return this.#known.answer
    const request = { files: sorted.map(toCore), identity: this.identity, reveal: [...this.revealed] }
    const { files, found, map } = this.#app.core.ask('redact', request)
    const texts = new Map(files.map(file => [pathOf(this.#app, file.path), textOf(file)]))
    const answer = { texts, found, map }
    this.#known = { revision, asked, answer }
    // Other placeholders: what was edited belongs to texts that are no more.
    this.edits.clear()
    return answer
  }

  /** The text as it would be handed on. */
  text(path: string): string {
    return this.edits.get(path) ?? this.ask().texts.get(path) ?? ''
  }

  /** The value that was hidden. */
  value(secret: Secret): string {
    const file = this.#app.workspace.get(pathOf(this.#app, secret.path))
    if (!file) return ''
    if (file.encoding === 'latin-1') return file.text.slice(secret.start_byte, secret.end_byte)
    const bytes = encode(file.text, 'utf-8').subarray(secret.start_byte, secret.end_byte)
    return new TextDecoder().decode(bytes)
  }

  /** The edited texts with their values put back. */
  restore(): Restored {
    const { map } = this.ask()
    const files = [...this.edits].map(([path, text]) => ({ path, text: text.toWellFormed() }))
    const answer = this.#app.core.ask('restore', { files, map })
    const texts = new Map(answer.files.map(file => [pathOf(this.#app, file.path), textOf(file)]))
    return { texts, slips: answer.slips }
  }
}
