/** What all views share: the files, the core, and the ways from one view to another. */

import type { Core } from './core/core'
import type { At, Place } from './core/answers'
import type { Entry } from './archive/tar'
import type { Skip } from './archive/unpack'
import { Events } from './events'
import { Judge } from './judge'
import { Redaction } from './redaction'
import { Workspace } from './workspace'

export type View = 'findings' | 'chain' | 'fix' | 'logs' | 'redact' | 'ask'
/** Where a person is. A narrow window shows one of them, a wide one all. */
export type Column = 'files' | 'text' | 'panel'

/** A place in a file: by bytes where they are known, else by its line. */
export interface Target {
  readonly path: string
  readonly line: number
  readonly bytes?: readonly [number, number]
}

/** Two states of files, to be looked at before one becomes the other. */
export interface Proposal {
  readonly title: string
  readonly files: readonly { path: string; before: string; after: string }[]
  readonly warning?: string
  /** What the button says, and does; without one there is nothing to accept. */
  readonly accept?: { label: string; run: () => void }
  /** Where the person goes back to. */
  readonly from: View
}

interface Happenings {
  /** A file was chosen; it is shown in the stage. */
  open: Target
  view: undefined
  /** To the next finding, or back. */
  step: 1 | -1
  proposal: Proposal | null
  skips: readonly Skip[]
  /** A redacted text was edited. */
  redacted: undefined
  /** A placeholder was chosen in the list of what was hidden. */
  placeholder: string
}

export class App extends Events<Happenings> {
  readonly workspace = new Workspace()
  readonly judge: Judge
  readonly redaction: Redaction
  readonly core: Core
  view: View = 'findings'
  column: Column = 'panel'
  /** The file in the stage. */
  current: string | undefined
  skips: readonly Skip[] = []
  /** Set by the main module, which knows where things come in. */
  take: (raws: readonly Entry[], skips: readonly Skip[]) => Promise<void> = async () => {}
  takeText: (text: string) => void = () => {}
  /** Says something to people who do not see the screen, and shows it for a moment. */
  say: (text: string) => void = () => {}

  constructor(core: Core) {
    super()
    this.core = core
    this.judge = new Judge(core, this.workspace)
    this.redaction = new Redaction(this)
  }

  open(target: Target): void {
    const path = this.#pathOf(target)
    if (path === undefined) {
      this.say(`${target.path} is not among the files`)
      return
    }
    this.current = path
    this.emit('proposal', null)
    this.emit('open', { ...target, path })
  }

  goTo(place: Place): void {
    const { path, line, start_byte, end_byte } = place
    this.open({ path, line, bytes: [start_byte, end_byte] })
  }

  goToLine(at: Pick<At, 'path' | 'line'>): void {
    this.open({ path: at.path, line: at.line })
  }

  /** Turns to a column, or to the panel with one of its views. */
  show(where: View | Column): void {
    if (where === 'files' || where === 'text' || where === 'panel') this.column = where
    else {
      this.view = where
      this.column = 'panel'
    }
    this.emit('view', undefined)
    if (where === 'files' || where === 'text') document.getElementById(where)?.focus()
  }

  propose(proposal: Proposal): void {
    this.column = 'text'
    this.emit('view', undefined)
    // Last, because it puts the focus at what is to be decided.
    this.emit('proposal', proposal)
  }

  setRemarks(shown: boolean): void {
    this.judge.remarks = shown
    this.judge.now()
  }

  /** The core shows paths as they were given; with or without the first slash. */
  #pathOf(target: Target): string | undefined {
    const { path } = target
    const shapes = [path, `/${path}`, path.replace(/^\//, '')]
    return shapes.find(shape => this.workspace.files.has(shape))
  }
}
