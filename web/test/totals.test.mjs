import assert from 'node:assert/strict'
import { test } from 'node:test'
import { totalsOf } from '../src/totals.ts'

const upload = (is, sent, size) => ({ state: { is }, sent, kept: false, file: { size } })

test('nothing to count has no percent', () => {
  assert.equal(totalsOf([]).percent, null)
  assert.equal(totalsOf([upload('failed', 5, 10)]).percent, null)
})

test('failed uploads are left out', () => {
  const t = totalsOf([upload('uploading', 5, 10), upload('failed', 0, 1000)])
  assert.deepEqual([t.percent, t.files, t.busy], [50, 1, 1])
})

test('100 % means that every file is done', () => {
  assert.equal(totalsOf([upload('finishing', 10, 10)]).percent, 99)
  assert.equal(totalsOf([upload('done', 10, 10), upload('waiting', 0, 0)]).percent, 99)
  assert.equal(totalsOf([upload('done', 10, 10), upload('done', 0, 0)]).percent, 100)
})

test('paused is not busy', () => {
  assert.equal(totalsOf([upload('paused', 5, 10), upload('done', 5, 5)]).busy, 0)
})

test('only what is uploading moves', () => {
  const states = ['retrying', 'offline', 'paused', 'waiting', 'done']
  assert.equal(totalsOf(states.map((is) => upload(is, 1, 10))).moving, 0)
  assert.equal(totalsOf([upload('uploading', 1, 10), upload('retrying', 1, 10)]).moving, 1)
})

test('leaving the page costs only what the browser does not keep', () => {
  const kept = { ...upload('uploading', 5, 10), kept: true }
  assert.equal(totalsOf([kept, upload('done', 5, 5), upload('paused', 1, 5)]).fragile, 0)
  assert.equal(totalsOf([kept, upload('waiting', 0, 5)]).fragile, 1)
})
