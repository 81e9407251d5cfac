/** Requests and answers of the core, as its contract states them. Nothing else knows these shapes. */

import type { RefactorAnswer, RefactorRequest } from './refactoring'

export interface CoreFile {
  readonly path: string
  readonly text?: string
  /** In place of `text` when the bytes are not UTF-8. */
  readonly base64?: string
}

export interface OpenedFile extends CoreFile {
  readonly kind: string
  /** The dump that the file was taken from. */
  readonly via?: string | null
}

export type Severity = 'error' | 'warning' | 'info'
export type Applicability = 'safe' | 'unsafe' | 'display-only'

export interface Place {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly end_line: number
  readonly end_column: number
  readonly start_byte: number
  readonly end_byte: number
  readonly via?: string
  readonly label?: string
  readonly source_line: string
}

export interface Because {
  readonly text: string
  readonly place: Place | null
}

export interface Edit {
  readonly place: Place
  readonly text: string
}

export interface Fix {
  readonly title: string
  readonly applicability: Applicability
  readonly edits: readonly Edit[]
}

export interface Finding {
  readonly rule: string
  readonly severity: Severity
  readonly message: string
  readonly primary: Place
  readonly related: readonly Place[]
  readonly because: readonly Because[]
  readonly help: string | null
  readonly routes: readonly string[]
  readonly fix: Fix | null
}

export interface Problem {
  readonly kind: 'unreadable' | 'syntax' | 'unknown'
  readonly message: string
  readonly place: Place | null
  readonly help: string | null
}

export interface Unjudged {
  readonly rule: string
  readonly needs: string
}

export interface Report {
  readonly complete: boolean
  readonly summary: {
    readonly errors: number
    readonly warnings: number
    readonly infos: number
    /** Of severity `info`, and left out. */
    readonly hidden: number
    readonly routes: number
    readonly pools: number
    readonly files: number
  }
  readonly unjudged: readonly Unjudged[]
  readonly problems: readonly Problem[]
  readonly findings: readonly Finding[]
}

export type Actor = 'client' | 'nginx' | 'fpm' | 'php'

export type Limit =
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'at_once' }
  | { readonly kind: 'off' }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface At {
  readonly path: string
  readonly line: number
  readonly column: number
}

export type Origin =
  | { readonly kind: 'here' | 'inherited'; readonly at: At }
  | { readonly kind: 'overriding'; readonly at: At; readonly over: readonly At[] }
  | { readonly kind: 'default'; readonly version: string; readonly manual: string }

export interface Rung {
  readonly actor: Actor
  readonly name: string
  readonly limit: Limit
  readonly latest_ms?: number
  readonly measures: string
  readonly origin: Origin | null
  readonly ends_sleeping: boolean
  readonly ends_busy: boolean
}

export interface Fate {
  readonly earliest_ms: number | null
  readonly latest_ms: number | null
  readonly status: string
  readonly log_name: string
  readonly log_line: string
  readonly note: string
}

export interface Ladder {
  readonly routes: readonly string[]
  readonly target: string
  readonly pool: string | null
  readonly pool_unknown?: string
  readonly rungs: readonly Rung[]
  readonly sleeping: Fate
  readonly busy: Fate
}

export interface Chain {
  readonly complete: boolean
  readonly problems: readonly Problem[]
  readonly ladders: readonly Ladder[]
}

export interface Change {
  readonly rule: string
  readonly title: string
  readonly why: string
  readonly applicability: Applicability
  readonly routes: readonly string[]
}

export interface Secret {
  readonly path: string
  readonly line: number
  readonly column: number
  readonly start_byte: number
  readonly end_byte: number
  readonly rule: string
  readonly layer: string
  readonly reason: string
  readonly placeholder: string
}

export interface Slip {
  readonly kind: 'invented' | 'altered' | 'lost' | 'duplicated'
  readonly placeholder: string
  readonly path: string
  readonly line: number | null
}

export interface Counted {
  readonly name: string | null
  readonly count: number
}

export interface Evidence {
  readonly file: string
  readonly line: number
  readonly text: string | null
}

export interface CauseGroup {
  readonly cause: string
  readonly title: string
  readonly confidence: 'certain' | 'likely' | 'undetermined'
  readonly harm: string
  readonly harms: readonly { readonly harm: string; readonly count: number }[]
  readonly candidates: readonly {
    readonly cause: string
    readonly title: string
    readonly decides: string
  }[]
  readonly led_by: readonly { readonly cause: string; readonly count: number }[]
  readonly count: number
  readonly first: string | null
  readonly last: string | null
  readonly per_hour: number
  readonly timeline: readonly number[]
  readonly routes: readonly Counted[]
  readonly pools: readonly Counted[]
  readonly scripts: readonly Counted[]
  readonly statuses: readonly Counted[]
  readonly because: readonly string[]
  readonly evidence: readonly Evidence[]
  readonly places: readonly {
    readonly file: string
    readonly line: number
    readonly text: string
    readonly label: string
  }[]
  readonly advice: readonly string[]
  readonly make_decidable: readonly { readonly into: string; readonly text: string }[]
  readonly make_sure: readonly string[]
  readonly diff: string
}

export interface LogSource {
  readonly file: string
  readonly kind: string
  readonly zone: { readonly offset: string | null; readonly how: string }
  readonly window: { readonly first: string; readonly last: string } | null
  readonly lines: {
    readonly read: number
    readonly matched: number
    readonly irrelevant: number
    readonly not_understood: number
    readonly outside_window: number
  }
  readonly examples: readonly Evidence[]
}

export interface Diagnosis {
  readonly complete: boolean
  readonly window: { readonly first: string; readonly last: string } | null
  readonly timeline: {
    readonly start: string
    readonly step_seconds: number
    readonly columns: number
  } | null
  readonly sources: readonly LogSource[]
  readonly groups: readonly CauseGroup[]
  readonly problems: readonly Problem[]
}

export interface RuleAbout {
  readonly id: string
  readonly severity: Severity
  readonly group: string
  readonly summary: string
  readonly fix: string
}

export interface Stack {
  readonly files: readonly CoreFile[]
  readonly maps: readonly string[]
  readonly facts: string | null
  readonly strict: boolean
}

/** What can be asked, and what is answered. */
export interface Ops {
  about: {
    request: Record<string, never>
    answer: {
      readonly version: string
      readonly rules: readonly RuleAbout[]
      readonly causes: readonly { id: string; title: string; summary: string }[]
    }
  }
  open: {
    request: { readonly files: readonly CoreFile[] }
    answer: { readonly files: readonly OpenedFile[] }
  }
  check: {
    request: Stack
    answer: {
      readonly report: Report
      readonly chain: Chain
      /** Paths that were read; older cores only say how many. */
      readonly read?: readonly string[]
    }
  }
  fix: {
    request: Stack & {
      readonly unsafe: boolean
      readonly request_time: string | null
      readonly rules: readonly string[]
      readonly route: string | null
      readonly pool: string | null
    }
    answer: {
      readonly changes: readonly Change[]
      readonly rejected: readonly { rule: string; title: string; why: string }[]
      readonly left: number
      readonly files: readonly (CoreFile & { readonly diff: string })[]
    }
  }
  apply: {
    request: {
      readonly files: readonly CoreFile[]
      readonly edits: readonly {
        path: string
        start_byte: number
        end_byte: number
        text: string
      }[]
    }
    answer: { readonly files: readonly CoreFile[] }
  }
  redact: {
    request: {
      readonly files: readonly CoreFile[]
      readonly identity: boolean
      readonly reveal: readonly string[]
    }
    answer: {
      readonly files: readonly CoreFile[]
      readonly found: readonly Secret[]
      readonly map: unknown
    }
  }
  restore: {
    request: { readonly files: readonly CoreFile[]; readonly map: unknown }
    answer: { readonly files: readonly CoreFile[]; readonly slips: readonly Slip[] }
  }
  diagnose: {
    request: {
      readonly files: readonly CoreFile[]
      readonly logs: readonly { name: string; text?: string; base64?: string }[]
      readonly zone_offset: number
      readonly now: number
      readonly incidents: boolean
    }
    answer: { readonly diagnosis: Diagnosis }
  }
  /** Only of a core that was built with it. */
  refactor: { request: RefactorRequest; answer: RefactorAnswer }
  explain: {
    request: { readonly id: string }
    answer: { readonly title: string; readonly markdown: string }
  }
}
