/**
 * Writing a tar.gz: what a server unpacks with `tar xzf`. Links stay links, which zip cannot do.
 */

import { pump } from './bounds'

export interface Packed {
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly link?: string
}

const BLOCK = 512
const NAME = 100
const utf8 = new TextEncoder()

export async function writeTarGz(files: readonly Packed[]): Promise<Blob> {
  const tar = await new Blob(files.flatMap(parts).concat(new Uint8Array(2 * BLOCK))).arrayBuffer()
  const packed = await pump(new Uint8Array(tar), new CompressionStream('gzip'), Infinity)
  return new Blob([packed], { type: 'application/gzip' })
}

function parts(file: Packed): Uint8Array<ArrayBuffer>[] {
  // Never absolute: whoever unpacks says where to.
  const path = file.path.replace(/^\/+/, '')
  const link = file.link ?? ''
  const long = [record('path', path), record('linkpath', link)].filter(text => text !== '')
  const out: Uint8Array<ArrayBuffer>[] = []
  if (long.length > 0) {
    const content = utf8.encode(long.join(''))
    out.push(header('pax', 'x', content.length, ''), padded(content))
  }
  out.push(header(path, link ? '2' : '0', file.bytes.length, link), padded(file.bytes))
  return out
}

/** A POSIX record, for what does not fit into a header. */
function record(key: string, value: string): string {
  if (utf8.encode(value).length <= NAME && /^[\x20-\x7e]*$/.test(value)) return ''
  const rest = utf8.encode(` ${key}=${value}\n`).length
  // The length counts its own digits.
  let length = rest + String(rest).length
  length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

function header(path: string, type: string, size: number, link: string): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK)
  const put = (at: number, text: string, most: number): void => {
    block.set(utf8.encode(text).subarray(0, most), at)
  }
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0')
  put(0, path, NAME)
  put(100, `${octal(0o644, 7)}\0`, 8)
  put(108, `${octal(0, 7)}\0`, 8)
  put(116, `${octal(0, 7)}\0`, 8)
  put(124, `${octal(size, 11)}\0`, 12)
  put(136, `${octal(Math.floor(Date.now() / 1000), 11)}\0`, 12)
  put(148, '        ', 8)
  put(156, type, 1)
  put(157, link, NAME)
  put(257, 'ustar\x0000', 8)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(148, `${octal(sum, 6)}\0 `, 8)
  return block
}

function padded(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(Math.ceil(bytes.length / BLOCK) * BLOCK)
  out.set(bytes)
  return out
}
