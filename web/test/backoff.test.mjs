import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backoff } from '../src/backoff.ts'

test('backoff doubles from a second to thirty and stays there', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 60, 5000].map((tries) => backoff(tries, 0, () => 1))
  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000])
})

test('backoff spreads over the upper half', () => {
  assert.equal(backoff(3, 0, () => 0), 4000)
  assert.equal(backoff(3, 0, () => 0.5), 6000)
})

test('backoff heeds the server', () => {
  assert.equal(backoff(0, 60_000, () => 1), 60_000)
  assert.equal(backoff(9, 1_000, () => 1), 30_000)
})
