/** SHA-256, for pages that came over plain HTTP: browsers keep theirs from those. */

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return plainSha256(bytes)
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** The first bits of the fractions of a root of each of the first primes. */
function fractions(howMany: number, root: number): Uint32Array {
  const out: number[] = []
  for (let number = 2; out.length < howMany; number += 1) {
    let prime = true
    for (let by = 2; by * by <= number; by += 1) if (number % by === 0) prime = false
    if (prime) out.push((number ** (1 / root) % 1) * 2 ** 32)
  }
  return Uint32Array.from(out)
}

export function plainSha256(bytes: Uint8Array): Uint8Array {
  const constants = fractions(64, 3)
  const state = fractions(8, 2)
  const padded = new Uint8Array((Math.floor((bytes.length + 8) / 64) + 1) * 64)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, bytes.length << 3)
  const words = new Uint32Array(64)
  for (let at = 0; at < padded.length; at += 64) block(view, at, words, state, constants)
  const out = new DataView(new ArrayBuffer(32))
  state.forEach((word, index) => out.setUint32(index * 4, word))
  return new Uint8Array(out.buffer)
}

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

function block(
  view: DataView,
  at: number,
  words: Uint32Array,
  state: Uint32Array,
  constants: Uint32Array,
): void {
  const w = (index: number): number => words[index] ?? 0
  for (let index = 0; index < 16; index += 1) words[index] = view.getUint32(at + index * 4)
  for (let index = 16; index < 64; index += 1) {
    const a = w(index - 15)
    const b = w(index - 2)
    const first = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)
    const second = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10)
    words[index] = w(index - 16) + first + w(index - 7) + second
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let index = 0; index < 64; index += 1) {
    const choice = (e & f) ^ (~e & g)
    const one =
      (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + (constants[index] ?? 0) + w(index)) | 0
    const most = (a & b) ^ (a & c) ^ (b & c)
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + most) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, index) => {
    state[index] = (state[index] ?? 0) + word
  })
}
