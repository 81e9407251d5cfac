// Archives for tests, written here by hand so that they can be hostile, and read back.

import { crc32, deflateRawSync } from 'node:zlib'

const BLOCK = 512

/** `files`: `{name, text, type, link, size}`; what is given is believed. */
export function tar(files) {
  const blocks = []
  for (const { name, text = '', type = '0', link = '', size } of files) {
    const content = Buffer.from(text)
    const header = Buffer.alloc(BLOCK)
    header.write(name.slice(0, 100), 0)
    header.write('0000644\0', 100)
    header.write('0000000\0', 108)
    header.write('0000000\0', 116)
    header.write(`${(size ?? content.length).toString(8).padStart(11, '0')}\0`, 124)
    header.write('00000000000\0', 136)
    header.write('        ', 148)
    header.write(type, 156)
    header.write(link, 157)
    header.write('ustar\x0000', 257)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    blocks.push(header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK))
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)])
}

/** Names as GNU tar writes them when they are long. */
export function longName(name, text) {
  return [
    { name: '././@LongLink', type: 'L', text: `${name}\0` },
    { name: name.slice(0, 100), text },
  ]
}

export function zip(files) {
  const parts = []
  const directory = []
  let at = 0
  for (const { name, text = '', stored = false, sum, flags = 0x0800, mode = 0 } of files) {
    const content = Buffer.from(text)
    const packed = stored ? content : deflateRawSync(content)
    const label = Buffer.from(name)
    const check = sum ?? crc32(content)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(flags, 2)
    common.writeUInt16LE(stored ? 0 : 8, 4)
    common.writeUInt32LE(check, 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(content.length, 18)
    common.writeUInt16LE(label.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, label, packed])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(at, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x03'), common, tail, label)
    parts.push(local)
    at += local.length
  }
  const listed = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(files.length, 8)
  end.writeUInt16LE(files.length, 10)
  end.writeUInt32LE(listed.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, listed, end])
}

function* entries(bytes) {
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const name = bytes.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(bytes.toString('latin1', at + 124, at + 135), 8)
    const type = String.fromCharCode(bytes[at + 156])
    const link = bytes.toString('utf8', at + 157, at + 257).replace(/\0.*$/s, '')
    yield { name, type, link, text: bytes.toString('utf8', at + BLOCK, at + BLOCK + size) }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}

export function tarEntries(bytes) {
  return [...entries(bytes)]
}

export function tarNames(bytes) {
  return tarEntries(bytes).map(entry => entry.name)
}

export function tarText(bytes, name) {
  return tarEntries(bytes).find(entry => entry.name === name)?.text
}
