// WebAssembly as text that compresses nearly as well as the bytes do.
//
// The page must hold the core as text, because it may not ask for anything. Base64 puts four
// letters for three bytes, so that repeated bytes look different at each of three offsets, and
// Brotli finds them no more: a third is added. Here every byte is one letter, always the same.
// The most frequent bytes get a letter of one UTF-8 byte, the others one of two: some 3 % are added.
//
// The text is the letters of the bytes 0 to 255, then the letters of the bytes. All of them can be
// printed, and none means anything to HTML, so nothing on the way has a reason to change them.

const ONE_BYTE = Array.from({ length: 0x7e - 0x20 }, (_, i) => String.fromCharCode(0x21 + i)).filter(
  letter => !`&'"<>\`\\`.includes(letter),
)
const FIRST_OF_TWO_BYTES = 0xc0

/** The text that `fromText` in src/core/from-text.ts turns back into these bytes. */
export function toText(bytes) {
  const letters = alphabet(bytes)
  const out = letters.join('') + Array.from(bytes, byte => letters[byte]).join('')
  return out
}

function alphabet(bytes) {
  const counts = new Array(256).fill(0)
  for (const byte of bytes) counts[byte] += 1
  const byCount = counts.map((_, byte) => byte).sort((a, b) => counts[b] - counts[a] || a - b)
  const letters = new Array(256)
  byCount.forEach((byte, rank) => {
    letters[byte] = ONE_BYTE[rank] ?? String.fromCharCode(FIRST_OF_TWO_BYTES + rank - ONE_BYTE.length)
  })
  return letters
}
