/** Reading tar: ustar, with the long names of GNU and POSIX. */

import { Budget } from './bounds'

export interface Entry {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where a link points to; its bytes are empty. */
  readonly link?: string
}

const BLOCK = 512

/** Whether the first block is one of tar: its checksum says so. */
export function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= BLOCK && checksumFits(bytes.subarray(0, BLOCK))
}

/** Files and links of an archive; `skipped` says what was left out. */
export function readTar(
  bytes: Uint8Array<ArrayBuffer>,
  budget: Budget,
  skipped: (name: string, why: string) => void,
): Entry[] {
  const entries: Entry[] = []
  let longName: string | undefined
  let longLink: string | undefined
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK)
    if (header.every(byte => byte === 0)) break
    if (!checksumFits(header)) {
      skipped('the rest of the archive', 'it is damaged from here on')
      break
    }
    const size = number(header.subarray(124, 136))
    const start = at + BLOCK
    const end = start + size
    if (!Number.isSafeInteger(end) || end > bytes.length) {
      skipped(text(header.subarray(0, 100)), 'the archive ends in the middle of it')
      break
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK
    const content = bytes.subarray(start, end)
    const type = String.fromCharCode(header[156] || 0x30)
    if (type === 'L') longName = text(content)
    else if (type === 'K') longLink = text(content)
    else if (type === 'x') ({ path: longName, linkpath: longLink } = records(content))
    else if (type !== 'g') {
      const name = longName ?? ustarName(header)
      const link = longLink ?? text(header.subarray(157, 257))
      longName = longLink = undefined
      if (type === '0' || type === '7') {
        budget.takeFile()
        budget.takeBytes(content.length)
        entries.push({ name, bytes: content })
      } else if (type === '1' || type === '2') {
        budget.takeFile()
        // The target of a hard link counts from the root of the archive.
        const target = type === '1' ? `/${link}` : link
        entries.push({ name, bytes: new Uint8Array(), link: target })
      } else if (type !== '5') {
        skipped(name, 'it is no plain file')
      }
    }
  }
  return entries
}

function ustarName(header: Uint8Array): string {
  const name = text(header.subarray(0, 100))
  const prefix = text(header.subarray(345, 500))
  const isUstar = text(header.subarray(257, 262)) === 'ustar'
  return isUstar && prefix ? `${prefix}/${name}` : name
}

/** Records of POSIX: `LENGTH KEY=VALUE\n`. */
function records(content: Uint8Array): { path?: string; linkpath?: string } {
  const out: Record<string, string> = {}
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at)
    const length = Number(text(content.subarray(at, space)))
    if (space < 0 || !(length > 0)) break
    const record = text(content.subarray(space + 1, at + length - 1))
    const equals = record.indexOf('=')
    out[record.slice(0, equals)] = record.slice(equals + 1)
    at += length
  }
  const { path, linkpath } = out
  return { ...(path !== undefined && { path }), ...(linkpath !== undefined && { linkpath }) }
}

/** Octal digits, or GNU's big-endian number with the highest bit set. */
function number(field: Uint8Array): number {
  if ((field[0] ?? 0) & 0x80) {
    return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
  }
  return Number.parseInt(text(field).trim() || '0', 8)
}

function text(field: Uint8Array): string {
  const end = field.indexOf(0)
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end))
}

/** The sum of all bytes, its own field counted as blanks. */
function checksumFits(header: Uint8Array): boolean {
  const stated = number(header.subarray(148, 156))
  let sum = 8 * 0x20
  for (let at = 0; at < BLOCK; at += 1) if (at < 148 || at >= 156) sum += header[at] ?? 0
  return sum === stated
}
