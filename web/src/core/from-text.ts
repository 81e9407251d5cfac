/** The other half of build/core-text.mjs: letters back into bytes. */
export function fromText(text: string): Uint8Array<ArrayBuffer> {
  const byteOf = new Uint8Array(0x200)
  for (let byte = 0; byte < 256; byte += 1) byteOf[text.charCodeAt(byte)] = byte
  const bytes = new Uint8Array(text.length - 256)
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = byteOf[text.charCodeAt(at + 256)] ?? 0
  return bytes
}
