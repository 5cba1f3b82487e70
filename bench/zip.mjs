// A zip archive in memory (APPNOTE.TXT 6.3, sections 4.3.7, 4.3.12 and 4.3.16), enough for an export of a chat.
import zlib from 'node:zlib'

const CRC = new Uint32Array(256).map((_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1
  return n >>> 0
})

function crc32 (bytes) {
  let crc = 0xffffffff
  for (let i = 0; i < bytes.length; i++) crc = CRC[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** Packs `[path, text]` pairs. */
export function pack (entries) {
  const parts = []
  const directory = []
  let offset = 0
  const add = bytes => { parts.push(bytes); offset += bytes.length }
  for (const [path, text] of entries) {
    const name = Buffer.from(path)
    const plain = Buffer.from(text)
    const packed = zlib.deflateRawSync(plain, { level: 6 })
    // Version 2.0, names in UTF-8, deflated, 1 January 2026.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x0800, 2)
    common.writeUInt16LE(8, 4)
    common.writeUInt16LE((46 << 9) | (1 << 5) | 1, 8)
    common.writeUInt32LE(crc32(plain), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(plain.length, 18)
    common.writeUInt16LE(name.length, 22)
    const entry = Buffer.alloc(20)
    entry.writeUInt32LE(0x02014b50, 0)
    entry.writeUInt16LE(20, 4)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.concat([entry.subarray(0, 6), common, tail, name]))
    const signature = Buffer.alloc(4)
    signature.writeUInt32LE(0x04034b50, 0)
    add(Buffer.concat([signature, common, name]))
    add(packed)
  }
  const start = offset
  for (const entry of directory) add(entry)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(offset - start, 12)
  end.writeUInt32LE(start, 16)
  add(end)
  return Buffer.concat(parts)
}
