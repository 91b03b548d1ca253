import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { sha256In } from '../src/digest.ts'
import { ArrivedOther } from '../src/errors.ts'
import { sha256Of } from '../src/sha256.ts'
import { verify } from '../src/verify.ts'

const never = new AbortController().signal
const hex = (bytes) => createHash('sha256').update(bytes).digest('hex')

test('sha256In reads the sha-256 member and nothing else', () => {
  const empty = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  assert.equal(sha256In(`crc32c=:AAAAAA==:, sha-256=:${empty}:`), hex(''))
  for (const field of [null, '', 'crc32c=:AAAAAA==:', `sha-256=${empty}`, `xsha-256=:${empty}:`, 'sha-256=:AAAA:']) {
    assert.equal(sha256In(field), null, String(field))
  }
})

test('sha256Of digests a file across slices', async () => {
  for (const size of [0, 1, 2 << 20, (4 << 20) + 3]) {
    const bytes = randomBytes(size)
    assert.equal(await sha256Of(new Blob([bytes]), never, () => {}), hex(bytes), `${size} bytes`)
  }
})

test('verify compares small files, and only with what the server told', async () => {
  const bytes = randomBytes(3 << 20)
  const file = new Blob([bytes])
  const seen = []
  assert.equal(await verify(file, hex(bytes), never, (n) => seen.push(n)), true)
  assert.deepEqual(seen, [2 << 20])
  assert.equal(await verify(file, null, never, () => {}), false)
  assert.equal(await verify({ size: 1 << 30 }, hex(bytes), never, () => {}), false)
  await assert.rejects(verify(file, hex('other'), never, () => {}), ArrivedOther)
})
