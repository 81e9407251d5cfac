/**
 * The virtual files and what was done to them. Whatever is more than typing can be undone: texts
 * never change in place, so a state is kept by keeping the map.
 */

import type { CoreFile } from './core/answers'
import { encode, isLatin1, type Encoding } from './text'

export interface VirtualFile {
  readonly path: string
  readonly text: string
  readonly encoding: Encoding
  readonly kind: string
  /** The dump that it was taken from. */
  readonly via: string | null
  /** The file that this one is a link to; both have the same text. */
  readonly link: string | null
  /** Its text when it came in; what a download of changed files compares with. */
  readonly original: string
}

export type Files = ReadonlyMap<string, VirtualFile>

export interface Step {
  readonly label: string
  readonly files: Files
}

type Listener = (typing: boolean) => void

const MOST_STEPS = 100

export class Workspace {
  #files: Files = new Map()
  #undo: Step[] = []
  #redo: Step[] = []
  #listeners: Listener[] = []
  /** Grows with every change; whoever works in the background compares it. */
  revision = 0

  get files(): Files {
    return this.#files
  }

  get(path: string): VirtualFile | undefined {
    return this.#files.get(path)
  }

  get sorted(): VirtualFile[] {
    return [...this.#files.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
  }

  onChange(listener: Listener): void {
    this.#listeners.push(listener)
  }

  /** Typing: the editor has an undo of its own for it. */
  type(path: string, text: string): void {
    this.#set(withTexts(this.#files, [[path, text]]), true)
  }

  /** New texts of files that are there. */
  rewrite(label: string, texts: Iterable<readonly [string, string]>): void {
    this.#step(label, withTexts(this.#files, texts))
  }

  /** Adds files; those of the same path are replaced. */
  add(label: string, files: readonly VirtualFile[]): void {
    const next = new Map(this.#files)
    for (const file of files) next.set(file.path, file)
    this.#step(label, next)
  }

  remove(label: string, paths: readonly string[]): void {
    const next = new Map(this.#files)
    for (const path of paths) next.delete(path)
    this.#step(label, next)
  }

  rename(from: string, to: string): void {
    const file = this.#files.get(from)
    if (!file || this.#files.has(to)) return
    const next = new Map<string, VirtualFile>()
    for (const [path, other] of this.#files) {
      if (path === from) next.set(to, { ...file, path: to })
      else next.set(path, other.link === from ? { ...other, link: to } : other)
    }
    this.#step(`renamed ${from}`, next)
  }

  /** Kinds are told anew when a text has changed; that is no step of its own. */
  setKinds(kinds: ReadonlyMap<string, string>): void {
    const next = new Map(this.#files)
    for (const [path, kind] of kinds) {
      const file = next.get(path)
      if (file && file.kind !== kind) next.set(path, { ...file, kind })
    }
    this.#set(next, false)
  }

  get undoLabel(): string | undefined {
    return this.#undo.at(-1)?.label
  }

  get redoLabel(): string | undefined {
    return this.#redo.at(-1)?.label
  }

  undo(): string | undefined {
    return this.#turn(this.#undo, this.#redo)
  }

  redo(): string | undefined {
    return this.#turn(this.#redo, this.#undo)
  }

  #turn(from: Step[], to: Step[]): string | undefined {
    const step = from.pop()
    if (!step) return undefined
    // What was typed since then goes with the state that is left: turning back loses nothing.
    to.push({ label: step.label, files: this.#files })
    this.#set(step.files, false)
    return step.label
  }

  #step(label: string, next: Files): void {
    this.#undo = [...this.#undo, { label, files: this.#files }].slice(-MOST_STEPS)
    this.#redo = []
    this.#set(next, false)
  }

  #set(next: Files, typing: boolean): void {
    this.#files = next
    this.revision += 1
    for (const listener of this.#listeners) listener(typing)
  }
}

/** A link and what it points to are one file: both get the text. */
function withTexts(files: Files, texts: Iterable<readonly [string, string]>): Files {
  const next = new Map(files)
  for (const [path, text] of texts) {
    const file = next.get(path)
    if (!file) continue
    const target = file.link ?? path
    for (const other of next.values()) {
      const same = other.path === path || other.path === target || other.link === target
      if (same) next.set(other.path, { ...other, text, encoding: encodingOf(other, text) })
    }
  }
  return next
}

function encodingOf(file: VirtualFile, text: string): Encoding {
  return file.encoding === 'latin-1' && isLatin1(text) ? 'latin-1' : 'utf-8'
}

/** A file as the core takes it. */
export function toCore(file: VirtualFile): CoreFile {
  if (file.encoding === 'utf-8') return { path: file.path, text: file.text.toWellFormed() }
  return { path: file.path, base64: toBase64(encode(file.text, file.encoding)) }
}

export function toBase64(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 8190) {
    parts.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 8190))))
  }
  return parts.join('')
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
}
