import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprint, nameOf } from '../src/chosen.ts'
import { Records } from '../src/records.ts'

/** Web Storage over a map. */
function storage(entries = []) {
  const map = new Map(entries)
  return {
    get length() {
      return map.size
    },
    key: (i) => [...map.keys()][i] ?? null,
    getItem: (name) => map.get(name) ?? null,
    setItem: (name, value) => map.set(name, value),
    removeItem: (name) => map.delete(name),
  }
}

/** A backup over a map. */
function backup() {
  const map = new Map()
  return {
    all: async () => [...map.values()],
    put: (record) => void map.set(record.key, record),
    remove: (key) => void map.delete(key),
  }
}

const here = 'http://a.example/files/'
const record = (key, more = {}) => ({
  key,
  url: `${here}${key}`,
  endpoint: here,
  path: 'a.bin',
  size: 10,
  modified: 5,
  started: 1,
  ...more,
})

test('fingerprints differ in endpoint, path, size and time, and in nothing else', () => {
  const all = [
    fingerprint(here, 'a', 1, 2),
    fingerprint('http://b.example/files/', 'a', 1, 2),
    fingerprint(here, 'x/a', 1, 2),
    fingerprint(here, 'a', 12, 2),
    fingerprint(here, 'a', 1, 3),
    fingerprint(here, 'a,1', 1, 2),
  ]
  assert.equal(new Set(all).size, all.length)
  assert.equal(fingerprint(here, 'a', 1, 2), all[0])
})

test('nameOf is the last part of a path', () => {
  assert.deepEqual(['a', 'x/a', 'x/y/a.b'].map(nameOf), ['a', 'a', 'a.b'])
})

test('records outlive the page and are listed oldest first, per endpoint', () => {
  const kept = storage()
  const before = new Records(kept, backup())
  before.put(record('late', { started: 9 }))
  before.put(record('early', { started: 2 }))
  before.put(record('other', { endpoint: 'http://b.example/files/' }))
  const after = new Records(kept, backup())
  assert.deepEqual(after.all(here).map((r) => r.key), ['early', 'late'])
  after.remove('early')
  assert.deepEqual(before.all(here).map((r) => r.key), ['late'])
})

test('what others keep in the storage, and what is broken, is passed over', () => {
  const kept = storage([
    ['theme', 'dark'],
    ['longhaul:1:bad', '{'],
    ['longhaul:1:null', 'null'],
    ['longhaul:1:old', '{"key":"old"}'],
  ])
  assert.deepEqual(new Records(kept, backup()).all(here), [])
})

test('without storage, or with a full one, records last as long as the page', () => {
  const full = storage()
  full.setItem = () => {
    throw new Error('QuotaExceededError')
  }
  for (const kept of [null, full]) {
    const records = new Records(kept, backup())
    records.put(record('k'))
    assert.deepEqual(records.all(here).map((r) => r.key), ['k'])
    records.remove('k')
    assert.deepEqual(records.all(here), [])
  }
})

test('what a crash takes out of the storage is in the backup', async () => {
  const second = backup()
  const before = new Records(storage(), second)
  for (const key of ['a', 'b', 'done']) before.put(record(key))
  before.remove('done')
  const kept = storage()
  const after = new Records(kept, second)
  await after.recover()
  assert.deepEqual(after.all(here).map((r) => r.key), ['a', 'b'])
  assert.deepEqual(new Records(kept, backup()).all(here).map((r) => r.key), ['a', 'b'])
})

test('what another tab removes at this moment does not come back', async () => {
  const second = backup()
  const kept = storage()
  const other = new Records(kept, second)
  other.put(record('k'))
  // The answer is older than the removal.
  const late = { ...second, all: () => (second.all().then((all) => (other.remove('k'), all))) }
  const records = new Records(kept, late)
  await records.recover()
  assert.deepEqual(records.all(here), [])
})
