import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Cap } from '../src/cap.ts'
import { Refused, Unreachable } from '../src/errors.ts'

const refused = (status, headers = {}) => new Refused(status, (name) => headers[name] ?? null, '')

test('only a 413 that is not from the server makes requests smaller, down to half a MiB', () => {
  const cap = new Cap()
  for (const error of [refused(413, { 'Tus-Resumable': '1.0.0' }), refused(502), new Unreachable()]) {
    assert.equal(cap.lower(error), false)
  }
  assert.equal(cap.bytes, Infinity)
  const sizes = []
  while (cap.lower(refused(413))) sizes.push(cap.bytes / 2 ** 20)
  assert.deepEqual(sizes, [64, 32, 16, 8, 4, 2, 1, 0.5])
})
