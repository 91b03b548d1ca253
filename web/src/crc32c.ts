// CRC-32C (Castagnoli), the digest that the server keeps of the bytes it holds.

const lanes = 16
const tables = makeTables()

function makeTables(): Uint32Array {
  const t = new Uint32Array(lanes * 256)
  for (let n = 0; n < 256; n++) {
    let c = n
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
    t[n] = c >>> 0
  }
  for (let i = 256; i < t.length; i++) {
    const c = t[i - 256]!
    t[i] = (c >>> 8) ^ t[c & 0xff]!
  }
  return t
}

/** Returns the CRC-32C of everything before (crc, 0 for nothing) followed by bytes. */
export function crc32c(crc: number, bytes: Uint8Array): number {
  const t = tables
  let c = ~crc
  let i = 0
  // Sixteen bytes a step, one table each: about six times as fast as byte by byte.
  for (const end = bytes.length - 15; i < end; i += 16) {
    c ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24)
    c =
      t[0xf00 + (c & 0xff)]! ^ t[0xe00 + ((c >>> 8) & 0xff)]! ^
      t[0xd00 + ((c >>> 16) & 0xff)]! ^ t[0xc00 + (c >>> 24)]! ^
      t[0xb00 + bytes[i + 4]!]! ^ t[0xa00 + bytes[i + 5]!]! ^
      t[0x900 + bytes[i + 6]!]! ^ t[0x800 + bytes[i + 7]!]! ^
      t[0x700 + bytes[i + 8]!]! ^ t[0x600 + bytes[i + 9]!]! ^
      t[0x500 + bytes[i + 10]!]! ^ t[0x400 + bytes[i + 11]!]! ^
      t[0x300 + bytes[i + 12]!]! ^ t[0x200 + bytes[i + 13]!]! ^
      t[0x100 + bytes[i + 14]!]! ^ t[bytes[i + 15]!]!
  }
  for (; i < bytes.length; i++) c = (c >>> 8) ^ t[(c ^ bytes[i]!) & 0xff]!
  return ~c >>> 0
}

/**
 * Reads the crc32c member of an Upload-Digest field, e.g. "crc32c=:ywH8rg==:": a dictionary
 * of byte sequences as in RFC 9530, the checksum in network order. Null where there is none.
 */
export function digestOf(field: string | null): number | null {
  const found = /(?:^|,)\s*crc32c=:([A-Za-z0-9+/]{6}==):/.exec(field ?? '')
  if (!found) return null
  const raw = atob(found[1]!)
  return new DataView(Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer).getUint32(0)
}
