/**
 * How much is unpacked. A file of a few kilobytes can claim to hold gigabytes, so that what comes
 * out is counted while it comes, and no claim is believed.
 */

export const MOST_BYTES = 64 * 1024 * 1024
export const MOST_FILE_BYTES = 32 * 1024 * 1024
export const MOST_FILES = 5000

/** Said to the person who dropped the archive. */
export class TooMuch extends Error {}

/** What may still be taken in one go, for all files and archives of it together. */
export class Budget {
  bytes = MOST_BYTES
  files = MOST_FILES

  takeFile(): void {
    this.files -= 1
    if (this.files < 0) throw new TooMuch(`more than ${MOST_FILES} files`)
  }

  takeBytes(count: number): void {
    this.bytes -= count
    if (this.bytes < 0) throw new TooMuch(`more than ${mebibytes(MOST_BYTES)} MiB`)
  }
}

export function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toLocaleString('en', { maximumFractionDigits: 1 })
}

/** Runs bytes through a stream, and stops when more comes out than may. */
export async function pump(
  bytes: Uint8Array<ArrayBuffer>,
  stream: ReadableWritablePair<Uint8Array, BufferSource>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > most) {
      await reader.cancel().catch(() => {})
      throw new TooMuch(`unpacked it is more than ${mebibytes(most)} MiB`)
    }
    chunks.push(value)
  }
  const out = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    out.set(chunk, at)
    at += chunk.length
  }
  return out
}

export function inflate(
  bytes: Uint8Array<ArrayBuffer>,
  format: 'gzip' | 'deflate-raw',
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  return pump(bytes, new DecompressionStream(format), most)
}
