import assert from 'node:assert/strict'
import { test } from 'node:test'
import { partOf, percent, remaining, size } from '../src/format.ts'

test('sizes have one decimal until three digits do', () => {
  const cases = [
    [0, '0 bytes'],
    [1, '1 byte'],
    [1023, '1023 bytes'],
    [1024, '1.0 KiB'],
    [1024 * 99.9, '99.9 KiB'],
    [1024 * 512, '512 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [3.14 * 1024 ** 3, '3.1 GiB'],
    [5000 * 1024 ** 4, '5000 TiB'],
  ]
  for (const [bytes, want] of cases) assert.equal(size(bytes), want)
})

test('a part is in the unit of the whole', () => {
  assert.equal(partOf(3.14 * 1024 ** 3, 8 * 1024 ** 3), '3.1 of 8.0 GiB')
  assert.equal(partOf(1024, 1024 ** 3), '0.0 of 1.0 GiB')
  assert.equal(partOf(3, 700), '3 of 700 bytes')
  assert.equal(partOf(0, 1), '0 of 1 byte')
})

test('percent is 100 only at the end', () => {
  assert.equal(percent(999, 1000), 99)
  assert.equal(percent(1000, 1000), 100)
  assert.equal(percent(0, 0), 0)
})

test('remaining time comes in steps', () => {
  const cases = [
    [0, 'a few seconds left'],
    [7, 'about 10 s left'],
    [55, 'about 55 s left'],
    [56, 'about 1 min left'],
    [119, 'about 2 min left'],
    [3599, 'about 1 h left'],
    [3600 + 1500, 'about 1 h 25 min left'],
    [86400, 'about 1 d left'],
    [86400 + 7200, 'about 1 d 2 h left'],
  ]
  for (const [seconds, want] of cases) assert.equal(remaining(seconds), want, String(seconds))
})
