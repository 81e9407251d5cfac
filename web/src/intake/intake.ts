/** From what a person gave to files of the workspace. */

import { Budget } from '../archive/bounds'
import type { Entry } from '../archive/tar'
import { unpack, type Skip } from '../archive/unpack'
import type { Core } from '../core/core'
import { FACTS, FACTS_NAME } from '../kinds'
import { absolute, baseName, cleanPath, freePath, resolveLink } from '../paths'
import { decode } from '../text'
import { fromBase64, toCore, type VirtualFile } from '../workspace'
import { place } from './place'

export interface Taken {
  readonly files: readonly VirtualFile[]
  /** What was left out, and why: it is said as loudly as a finding. */
  readonly skips: readonly Skip[]
  readonly notes: readonly string[]
}

/** Unpacks, decodes, places, and asks the core what each file is. */
export async function take(raws: readonly Entry[], core: Core): Promise<Taken> {
  const budget = new Budget()
  const skips: Skip[] = []
  const entries: Entry[] = []
  for (const raw of raws) entries.push(...(await unpack(raw, budget, skips)))
  const notes: string[] = []
  const files = placed(decoded(entries, skips), notes)
  return { files: opened(linked(files, entries, skips), core), skips, notes }
}

/** Texts whose paths are known. */
export function takeTexts(texts: readonly { path: string; text: string }[], core: Core): VirtualFile[] {
  return opened(
    texts.map(({ path, text }) => plain(path, text, 'utf-8')),
    core,
  )
}

/** A text that was pasted or typed. */
export function takeText(text: string, taken: (path: string) => boolean, core: Core): VirtualFile[] {
  const [file] = opened([plain('pasted', text, 'utf-8')], core)
  const path = freePath(nameFor(file?.kind ?? ''), taken)
  const files = opened([plain(path, text, 'utf-8')], core)
  // A dump brings paths of its own.
  return files.length === 1 && files[0] ? [{ ...files[0], path }] : files
}

function nameFor(kind: string): string {
  switch (kind) {
    case 'nginx':
      return 'pasted.conf'
    case 'fpm-main':
      return 'php-fpm.conf'
    case 'fpm-pool':
      return 'pool.conf'
    case 'php-ini':
      return 'php.ini'
    default:
      return /log|fpm|kernel|journal|docker|cri|compose|error|access/.test(kind)
        ? `${kind}.log`
        : 'pasted.txt'
  }
}

interface Decoded extends VirtualFile {
  readonly linkTo?: string
}

function plain(path: string, text: string, encoding: VirtualFile['encoding']): VirtualFile {
  const well = text.toWellFormed()
  return { path, text: well, encoding, kind: '', via: null, link: null, original: well }
}

function decoded(entries: readonly Entry[], skips: Skip[]): Decoded[] {
  const files = new Map<string, Decoded>()
  for (const entry of entries) {
    const clean = cleanPath(entry.name)
    const read = decode(entry.bytes)
    if (!clean) skips.push({ name: entry.name, why: 'its name is empty' })
    else if (!read) skips.push({ name: clean, why: 'it is not text' })
    else {
      const path = freePath(clean, other => files.has(other))
      const file = plain(path, read.text, read.encoding)
      files.set(path, entry.link === undefined ? file : { ...file, linkTo: entry.link })
    }
  }
  return [...files.values()]
}

function placed(files: Decoded[], notes: string[]): Decoded[] {
  const { path, note } = place(new Map(files.map(file => [file.path, file.text])))
  if (note) notes.push(note)
  return files.map(file => ({ ...file, path: path(file.path) }))
}

/** A link gets the text of what it points to; one that leads out of the archive is left out. */
function linked(files: Decoded[], entries: readonly Entry[], skips: Skip[]): VirtualFile[] {
  if (!entries.some(entry => entry.link !== undefined)) return files
  const byPath = new Map(files.map(file => [absolute(file.path), file]))
  const follow = (file: Decoded, steps: number): Decoded | undefined => {
    if (file.linkTo === undefined) return file
    const target = resolveLink(absolute(file.path), file.linkTo)
    const next = target ? byPath.get(absolute(target)) : undefined
    return next && steps < 20 ? follow(next, steps + 1) : undefined
  }
  const out: VirtualFile[] = []
  for (const file of files) {
    const target = follow(file, 0)
    if (target === file) out.push(file)
    else if (target) {
      const { text, encoding } = target
      out.push({ ...file, text, encoding, original: text, link: target.path })
    } else {
      skips.push({ name: file.path, why: `it is a link to ${file.linkTo}, which was not given` })
    }
  }
  return out
}

/** What each file is; a dump becomes the files that it shows. */
function opened(files: readonly VirtualFile[], core: Core): VirtualFile[] {
  if (files.length === 0) return []
  const before = new Map(files.map(file => [file.path, file]))
  const answer = core.ask('open', { files: files.map(toCore) })
  return answer.files.map(file => {
    const kind = baseName(file.path) === FACTS_NAME ? FACTS : file.kind
    const known = file.via ? undefined : before.get(file.path)
    if (known) return { ...known, kind }
    const read = decode(fromBase64(file.base64 ?? '')) ?? { text: '', encoding: 'utf-8' as const }
    const text = file.text ?? read.text
    const encoding = file.text === undefined ? read.encoding : 'utf-8'
    return { ...plain(cleanPath(file.path) ?? 'dump', text, encoding), kind, via: file.via ?? null }
  })
}
