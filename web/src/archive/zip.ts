/** Reading zip: by its central directory, stored or deflated, with sums checked. */

import { Budget, MOST_FILE_BYTES, TooMuch, inflate } from './bounds'
import { crc32 } from './crc'
import type { Entry } from './tar'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const UTF8_NAME = 0x0800
const ENCRYPTED = 0x0001

export function isZip(bytes: Uint8Array): boolean {
  return bytes.length > 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)
}

/** Files of an archive; `skipped` says what was left out. */
export async function readZip(
  bytes: Uint8Array<ArrayBuffer>,
  budget: Budget,
  skipped: (name: string, why: string) => void,
): Promise<Entry[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = findEnd(view)
  if (end < 0) throw new Error('it has no directory: it is cut off or damaged')
  const count = view.getUint16(end + 10, true)
  let at = view.getUint32(end + 16, true)
  const entries: Entry[] = []
  for (let number = 0; number < count; number += 1) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== CENTRAL) {
      skipped('the rest of the archive', 'its directory is damaged, or it is larger than 4 GiB')
      break
    }
    const header = central(view, bytes, at)
    at = header.next
    if (header.name.endsWith('/')) continue
    budget.takeFile()
    try {
      const most = Math.min(MOST_FILE_BYTES, budget.bytes)
      const content = await unpack(view, bytes, header, most)
      budget.takeBytes(content.length)
      // The upper half holds the mode that Unix knows: a link's content is its target.
      const isLink = header.attributes >>> 28 === 0xa
      entries.push(
        isLink
          ? { name: header.name, bytes: new Uint8Array(), link: new TextDecoder().decode(content) }
          : { name: header.name, bytes: content },
      )
    } catch (error) {
      if (error instanceof TooMuch && budget.bytes < MOST_FILE_BYTES) throw error
      skipped(header.name, error instanceof Error ? error.message : String(error))
    }
  }
  return entries
}

interface Header {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly sum: number
  readonly packed: number
  readonly attributes: number
  readonly start: number
  readonly next: number
}

function central(view: DataView, bytes: Uint8Array, at: number): Header {
  const nameLength = view.getUint16(at + 28, true)
  const flags = view.getUint16(at + 8, true)
  const name = bytes.subarray(at + 46, at + 46 + nameLength)
  return {
    // Without the flag the encoding is not known; what is no UTF-8 shows as such.
    name: new TextDecoder(flags & UTF8_NAME ? 'utf-8' : undefined).decode(name),
    flags,
    method: view.getUint16(at + 10, true),
    sum: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    attributes: view.getUint32(at + 38, true),
    start: view.getUint32(at + 42, true),
    next: at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true),
  }
}

async function unpack(
  view: DataView,
  bytes: Uint8Array<ArrayBuffer>,
  header: Header,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { start } = header
  if (header.flags & ENCRYPTED) throw new Error('it is encrypted')
  if (start + 30 > bytes.length || view.getUint32(start, true) !== LOCAL) {
    throw new Error('it is damaged')
  }
  const from = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true)
  const packed = bytes.subarray(from, from + header.packed)
  const content = await unpackBytes(packed, header.method, most)
  if (crc32(content) !== header.sum) throw new Error('it is damaged: its sum differs')
  return content
}

async function unpackBytes(
  packed: Uint8Array<ArrayBuffer>,
  method: number,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (method === 8) return inflate(packed, 'deflate-raw', most)
  if (method !== 0) throw new Error(`it is packed by method ${method}, which browsers do not know`)
  if (packed.length > most) throw new TooMuch('it is too large')
  return packed
}

/** The end record, behind which only a comment may stand. */
function findEnd(view: DataView): number {
  const last = view.byteLength - 22
  for (let at = last; at >= 0 && at >= last - 0xffff; at -= 1) {
    if (view.getUint32(at, true) === END) return at
  }
  return -1
}
