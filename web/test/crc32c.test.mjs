import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { crc32c, digestOf } from '../src/crc32c.ts'
import { prefixDigest, readable } from '../src/prefix.ts'

const text = (s) => new TextEncoder().encode(s)
const never = new AbortController().signal

/** The definition, bit by bit. */
function slow(bytes) {
  let c = 0xffffffff
  for (const byte of bytes) {
    c ^= byte
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  }
  return ~c >>> 0
}

test('crc32c gives the published values', () => {
  // RFC 3720, appendix B.4, and the usual check value.
  assert.equal(crc32c(0, text('123456789')), 0xe3069283)
  assert.equal(crc32c(0, new Uint8Array(32)), 0x8a9136aa)
  assert.equal(crc32c(0, new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  assert.equal(crc32c(0, Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e)
  assert.equal(crc32c(0, new Uint8Array(0)), 0)
})

test('crc32c is the same around every step of the loop and in pieces', () => {
  const bytes = randomBytes(200)
  for (let n = 0; n <= 70; n++) {
    assert.equal(crc32c(0, bytes.subarray(0, n)), slow(bytes.subarray(0, n)), `${n} bytes`)
    assert.equal(crc32c(crc32c(0, bytes.subarray(0, n)), bytes.subarray(n)), slow(bytes), `cut at ${n}`)
  }
})

test('digestOf reads the crc32c member and nothing else', () => {
  assert.equal(digestOf('crc32c=:4waSgw==:'), 0xe3069283)
  assert.equal(digestOf('sha-256=:AAAA:, crc32c=:AAAAAA==:'), 0)
  for (const field of [null, '', 'crc32c=4waSgw==', 'crc32c=:4waSgw:', 'xcrc32c=:4waSgw==:', 'sha-256=:AAAA:']) {
    assert.equal(digestOf(field), null, String(field))
  }
})

test('prefixDigest digests exactly the prefix, across slices', async () => {
  const bytes = randomBytes((4 << 20) + 3)
  const seen = []
  for (const length of [0, 1, 2 << 20, (2 << 20) + 1, bytes.length]) {
    const got = await prefixDigest(new Blob([bytes]), length, never, (n) => seen.push(n))
    assert.equal(got, slow(bytes.subarray(0, length)), `${length} bytes`)
  }
  assert.equal(seen.at(-1), bytes.length)
})

test('prefixDigest stops when it is told', async () => {
  const stop = new AbortController()
  const blob = new Blob([new Uint8Array(5 << 20)])
  const seen = []
  const digest = prefixDigest(blob, blob.size, stop.signal, (n) => {
    seen.push(n)
    stop.abort(new Error('stopped'))
  })
  await assert.rejects(digest, /stopped/)
  assert.deepEqual(seen, [2 << 20])
})

test('readable tells a file that cannot be read any more', async () => {
  const changed = { slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }) }
  assert.equal(await readable(new Blob(['x'])), true)
  assert.equal(await readable(new Blob([])), true)
  assert.equal(await readable(changed), false)
})
