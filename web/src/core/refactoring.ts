/** What is asked of the core, and what it answers, when a language model is asked. */

import type { Change, CoreFile, Stack } from './answers'

export type Provider = 'anthropic' | 'openai' | 'gemini' | 'openrouter' | 'local'

/** What a provider answered to one request. */
export interface Reply {
  readonly status: number
  readonly content_type: string | null
  readonly retry_after: string | null
  readonly body: string
  /** Whether it broke off. */
  readonly cut: boolean
}

export interface RefactorRequest extends Stack {
  readonly provider: Provider
  readonly model: string
  readonly base_url: string | null
  readonly identity: boolean
  readonly rules: readonly string[]
  readonly route: string | null
  readonly unsafe: boolean
  /** All so far, in order: the core keeps nothing. */
  readonly replies: readonly Reply[]
  /** What was right so far counts, and nothing more is asked. */
  readonly stop: boolean
}

/** A request as it is to be sent, but for the key. */
export interface Sending {
  readonly url: string
  readonly headers: readonly (readonly [string, string])[]
  readonly key_header: { readonly name: string; readonly prefix: string } | null
  readonly needs_key: boolean
  readonly body: string
}

export interface Question {
  readonly step: 'send'
  readonly request: Sending
  readonly placeholders: number
  readonly findings: number
  readonly more: number
  readonly sent: readonly { readonly label: string; readonly path: string }[]
}

/** An edit of the model that is right, with its values put back. */
export interface Taken {
  readonly path: string
  readonly line: number
  readonly why: string
  readonly old: string
  readonly new: string
  readonly start_byte: number
  readonly end_byte: number
  /** None when it is not UTF-8. */
  readonly text: string | null
}

export interface Left {
  readonly path: string
  readonly line: number | null
  readonly why: string
  readonly old: string
  readonly new: string
  readonly kind: string
  readonly reason: string
}

export interface Trouble {
  readonly kind: string
  readonly words: string
  readonly help: string | null
  readonly quoted: string | null
}

export interface Verdict {
  readonly rounds: number
  readonly asked: number
  readonly accepted: readonly Taken[]
  readonly refused: readonly Left[]
  readonly ended: readonly { readonly rule: string; readonly message: string }[]
  readonly reasons: readonly string[]
  readonly trouble: Trouble | null
  readonly refusal: Trouble | null
  /** badgateway's own, on top. */
  readonly changes: readonly Change[]
}

export interface Done {
  readonly step: 'done'
  readonly verdict: Verdict
  readonly files: readonly (CoreFile & { readonly diff: string })[]
}

export type RefactorAnswer = Question | Done
