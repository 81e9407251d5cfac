/**
 * Bytes of a file as text and back, without losing one, and byte offsets as the core counts them.
 */

export type Encoding = 'utf-8' | 'latin-1'

/** `null` for what is no text: nobody wants to see a font or a database in an editor. */
export function decode(bytes: Uint8Array): { text: string; encoding: Encoding } | null {
  try {
    // A byte order mark stays in the text: the servers read it too, and it must come back.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return { text, encoding: 'utf-8' }
  } catch {
    if (bytes.includes(0)) return null
    return { text: fromLatin1(bytes), encoding: 'latin-1' }
  }
}

/** The bytes of a text. What a Latin-1 file cannot hold makes it UTF-8. */
export function encode(text: string, encoding: Encoding): Uint8Array<ArrayBuffer> {
  if (encoding === 'utf-8' || !isLatin1(text)) return new TextEncoder().encode(text)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at)
  return bytes
}

/** Every byte as the letter of that number. `TextDecoder` has windows-1252 only, which is not it. */
function fromLatin1(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  }
  return parts.join('')
}

export function isLatin1(text: string): boolean {
  return !/[^\u0000-\u00ff]/.test(text)
}

const ASCII_ONLY = /^[\u0000-\u007f]*$/

/** Where bytes are in a text, in the units of JavaScript strings. */
export class Offsets {
  readonly #text: string
  /** Bytes in front of every `STEP`th unit; `null` where every letter is one byte. */
  readonly #marks: Uint32Array | null

  constructor(text: string, encoding: Encoding) {
    this.#text = text
    this.#marks = encoding === 'latin-1' || ASCII_ONLY.test(text) ? null : marks(text)
  }

  /** The letter that the byte belongs to; the end of the text for what is behind it. */
  at(byte: number): number {
    if (!this.#marks) return Math.min(byte, this.#text.length)
    let low = 0
    let high = this.#marks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#marks[middle] ?? 0) <= byte) low = middle
      else high = middle - 1
    }
    let unit = low * STEP
    let bytes = this.#marks[low] ?? 0
    while (unit < this.#text.length) {
      const size = bytesOf(this.#text, unit)
      if (bytes + size > byte) break
      bytes += size
      unit += 1
    }
    return unit
  }
}

const STEP = 128

function marks(text: string): Uint32Array {
  const out = new Uint32Array(Math.floor(text.length / STEP) + 1)
  let bytes = 0
  for (let unit = 0; unit < text.length; unit += 1) {
    if (unit % STEP === 0) out[unit / STEP] = bytes
    bytes += bytesOf(text, unit)
  }
  return out
}

/** Bytes that a unit adds. Of a pair the first half adds all four, so that no sum is in between. */
function bytesOf(text: string, unit: number): number {
  const code = text.charCodeAt(unit)
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  if (isHigh(code) && isLow(text.charCodeAt(unit + 1))) return 4
  if (isLow(code) && isHigh(text.charCodeAt(unit - 1))) return 0
  return 3
}

const isHigh = (code: number): boolean => code >= 0xd800 && code <= 0xdbff
const isLow = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff
