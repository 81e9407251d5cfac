/**
 * Asks the core for findings whenever something has changed. It runs between two frames: what was
 * typed is painted first, and when the core is slow it waits for a pause in the typing.
 */

import type { Chain, Report } from './core/answers'
import type { Core } from './core/core'
import { FACTS, UNKNOWN, isLog } from './kinds'
import { mark } from './marks'
import { toCore, type VirtualFile, type Workspace } from './workspace'

export interface Judgement {
  readonly revision: number
  readonly report: Report
  readonly chain: Chain
  /** Files that nothing reads: no include names them. Their paths where the core tells them. */
  readonly unread: number
  readonly unreadPaths: readonly string[]
  readonly milliseconds: number
}

/** Up to here the core runs after every key; nobody notices it. */
const SMOOTH_MS = 40
const LONGEST_WAIT_MS = 1500

export class Judge {
  readonly #core: Core
  readonly #workspace: Workspace
  readonly #listeners: (() => void)[] = []
  #scheduled = 0
  #cost = 0
  current: Judgement | undefined
  /** Why there is no judgement, in words for people. */
  failure: string | undefined
  /** Whether findings of severity `info` are wanted; they are many, and take their time. */
  remarks = false
  /** `ADDRESS=POOL`, where a name says which pool answers. */
  maps: readonly string[] = []

  constructor(core: Core, workspace: Workspace) {
    this.#core = core
    this.#workspace = workspace
    workspace.onChange(typing => this.schedule(typing))
  }

  onJudged(listener: () => void): void {
    this.#listeners.push(listener)
  }

  schedule(typing: boolean): void {
    this.#scheduled += 1
    const own = this.#scheduled
    const run = (): void => {
      if (own === this.#scheduled) this.now()
    }
    if (!typing) queueMicrotask(run)
    else if (this.#cost > SMOOTH_MS) setTimeout(run, Math.min(LONGEST_WAIT_MS, 2 * this.#cost))
    else requestAnimationFrame(() => setTimeout(run))
  }

  now(): void {
    this.#scheduled += 1
    const { revision } = this.#workspace
    const begin = performance.now()
    try {
      const stack = this.stack()
      this.current = undefined
      this.failure = undefined
      if (stack.files.length > 0) {
        const { report, chain, read } = this.#core.ask('check', { ...stack, strict: this.remarks })
        this.#cost = performance.now() - begin
        const paths = this.#given()
        const unreadPaths = read ? paths.filter(path => !read.includes(path)) : []
        const unread = read ? unreadPaths.length : Math.max(0, paths.length - report.summary.files)
        this.current = { revision, report, chain, unread, unreadPaths, milliseconds: this.#cost }
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error)
    }
    for (const listener of this.#listeners) listener()
    mark('judged')
  }

  /** What every question about the configuration needs. */
  stack(): { files: ReturnType<typeof toCore>[]; maps: readonly string[]; facts: string | null } {
    const files = this.configuration().map(toCore)
    const facts = [...this.#workspace.files.values()].find(file => file.kind === FACTS)
    return { files, maps: this.maps, facts: facts?.text ?? null }
  }

  /** Files that are neither logs nor facts; an unknown one may be what an include names. */
  configuration(): VirtualFile[] {
    return this.#workspace.sorted.filter(file => !isLog(file.kind) && file.kind !== FACTS)
  }

  /** What ought to be read: files that are recognised, a link and its target once. */
  #given(): string[] {
    const all = this.configuration()
    const linked = new Set(all.map(file => file.link))
    const wanted = all.filter(file => file.kind !== UNKNOWN && !linked.has(file.path))
    return wanted.map(file => file.path)
  }

  logs(): VirtualFile[] {
    return this.#workspace.sorted.filter(file => isLog(file.kind))
  }
}
