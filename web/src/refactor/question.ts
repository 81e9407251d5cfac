/** One asking, from the files as they were when it began. The core is asked anew at each step. */

import type { App } from '../app'
import type { Stack } from '../core/answers'
import type { Done, Provider, RefactorAnswer, Reply, Taken } from '../core/refactoring'
import { pathOf, textOf } from '../fixing'

export interface Chosen {
  readonly provider: Provider
  readonly model: string
  readonly base: string
  readonly identity: boolean
}

type Texts = Map<string, string>

export class Question {
  readonly #app: App
  readonly #stack: Stack
  readonly chosen: Chosen
  #replies: Reply[] = []
  #stopped = false
  /** Edits of the model that were applied one by one. */
  readonly applied = new Set<Taken>()

  constructor(app: App, chosen: Chosen) {
    this.#app = app
    this.chosen = chosen
    this.#stack = { ...app.judge.stack(), strict: false }
  }

  get round(): number {
    return this.#replies.length + 1
  }

  ask(): RefactorAnswer {
    const { provider, model, base, identity } = this.chosen
    return this.#app.core.ask('refactor', {
      ...this.#stack,
      provider,
      model,
      base_url: base,
      identity,
      rules: [],
      route: null,
      unsafe: false,
      replies: this.#replies,
      stop: this.#stopped,
    })
  }

  answered(reply: Reply): void {
    this.#replies = [...this.#replies, reply]
  }

  /** The last reply does not count: its request is to be sent once more. */
  forgetLast(): void {
    this.#replies = this.#replies.slice(0, -1)
  }

  stop(): void {
    this.#stopped = true
  }

  /** Texts with some of the model's edits; nothing when the files are no longer as they were. */
  with(edits: readonly Taken[]): Texts | undefined {
    const before = this.#known()
    const after = this.#texts([...new Set([...this.applied, ...edits])])
    return this.#fits([...after.keys()], before) ? after : undefined
  }

  /** Texts with everything, badgateway's own edits on top. */
  everything(done: Done): Texts | undefined {
    const before = this.#known()
    const after: Texts = new Map(done.files.map(file => [pathOf(this.#app, file.path), textOf(file)]))
    return this.#fits([...after.keys()], before) ? after : undefined
  }

  /** Texts with what was applied one by one. What was undone since then was not. */
  #known(): Texts {
    const touched = [...new Set([...this.applied].map(edit => pathOf(this.#app, edit.path)))]
    if (this.#fits(touched, new Map())) this.applied.clear()
    return this.#texts([...this.applied])
  }

  /** Whether files are as they were when the question was asked, or as edits have left them. */
  #fits(paths: readonly string[], edited: Texts): boolean {
    const originals = this.#originals(paths)
    const { workspace } = this.#app
    return paths.every(path => workspace.get(path)?.text === (edited.get(path) ?? originals.get(path)))
  }

  #originals(paths: readonly string[]): Texts {
    const files = this.#stack.files.filter(file => paths.includes(pathOf(this.#app, file.path)))
    return new Map(files.map(file => [pathOf(this.#app, file.path), textOf(file)]))
  }

  #texts(edits: readonly Taken[]): Texts {
    if (edits.length === 0) return new Map()
    const plain = edits.map(({ path, start_byte, end_byte, text }) => ({
      path,
      start_byte,
      end_byte,
      text: text ?? '',
    }))
    const touched = new Set(edits.map(edit => pathOf(this.#app, edit.path)))
    const files = this.#stack.files.filter(file => touched.has(pathOf(this.#app, file.path)))
    const answer = this.#app.core.ask('apply', { files, edits: plain })
    return new Map(answer.files.map(file => [pathOf(this.#app, file.path), textOf(file)]))
  }
}

