/** Archives of any kind into plain files, one level deep. */

import { Budget, MOST_FILE_BYTES, TooMuch, inflate, mebibytes } from './bounds'
import { isTar, readTar, type Entry } from './tar'
import { isZip, readZip } from './zip'

export interface Skip {
  readonly name: string
  readonly why: string
}

/** Packed in ways that browsers cannot unpack, by their first bytes. */
const STRANGE: readonly (readonly [string, readonly number[]])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['7-Zip', [0x37, 0x7a, 0xbc, 0xaf]],
  ['RAR', [0x52, 0x61, 0x72, 0x21]],
]

/** The files that are in a file, or the file itself. */
export async function unpack(raw: Entry, budget: Budget, skips: Skip[]): Promise<Entry[]> {
  const { bytes, files } = budget
  const skipped = (name: string, why: string): void => {
    skips.push({ name: `${raw.name}: ${name}`, why })
  }
  try {
    const plain = await gunzipped(raw, budget)
    let entries: Entry[] | undefined
    if (isZip(plain.bytes)) entries = await readZip(plain.bytes, budget, skipped)
    else if (isTar(plain.bytes)) entries = readTar(plain.bytes, budget, skipped)
    if (!entries) return single(plain, budget, skips)
    const out: Entry[] = []
    // Rotated logs in an archive are packed once more.
    for (const entry of entries) out.push(...(await inner(entry, budget, skips)))
    return out
  } catch (error) {
    // Nothing of it is taken, so that it costs the others nothing.
    Object.assign(budget, { bytes, files })
    skips.push({ name: raw.name, why: error instanceof Error ? error.message : String(error) })
    return []
  }
}

async function inner(entry: Entry, budget: Budget, skips: Skip[]): Promise<Entry[]> {
  try {
    const plain = await gunzipped(entry, budget)
    if (isZip(plain.bytes) || isTar(plain.bytes)) {
      skips.push({ name: entry.name, why: 'it is an archive inside an archive' })
      return []
    }
    if (plain !== entry) budget.takeBytes(plain.bytes.length)
    return strange(plain, skips) ? [] : [plain]
  } catch (error) {
    if (error instanceof TooMuch && budget.bytes < 0) throw error
    skips.push({ name: entry.name, why: error instanceof Error ? error.message : String(error) })
    return []
  }
}

function single(entry: Entry, budget: Budget, skips: Skip[]): Entry[] {
  if (strange(entry, skips)) return []
  if (entry.bytes.length > MOST_FILE_BYTES) {
    const why = `it is larger than ${mebibytes(MOST_FILE_BYTES)} MiB; the command line has no such limit`
    skips.push({ name: entry.name, why })
    return []
  }
  budget.takeFile()
  budget.takeBytes(entry.bytes.length)
  return [entry]
}

async function gunzipped(entry: Entry, budget: Budget): Promise<Entry> {
  const [first, second] = entry.bytes
  if (first !== 0x1f || second !== 0x8b) return entry
  const bytes = await inflate(entry.bytes, 'gzip', Math.max(0, budget.bytes)).catch(error => {
    throw error instanceof TooMuch ? error : new Error('it is damaged: gzip cannot unpack it')
  })
  return { ...entry, name: entry.name.replace(/\.gz$/i, ''), bytes }
}

function strange(entry: Entry, skips: Skip[]): boolean {
  const found = STRANGE.find(([, magic]) => magic.every((byte, at) => entry.bytes[at] === byte))
  if (!found) return false
  const why = `it is packed with ${found[0]}, which a browser cannot unpack: unpack it first`
  skips.push({ name: entry.name, why })
  return true
}
