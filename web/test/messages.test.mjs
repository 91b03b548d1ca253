import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { partOf, remaining, size } from '../src/format.ts'
import { messages as en } from '../src/messages/en.ts'
import * as spoken from '../src/messages.ts'

const tags = readdirSync(join(import.meta.dirname, '../src/messages')).map((name) => name.replace('.ts', ''))

afterEach(() => spoken.speak(['en']))

/** Calls visit with every path of a tree of messages. */
function walk(tree, visit, path = []) {
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'object') walk(value, visit, [...path, key])
    else visit([...path, key], value)
  }
}

for (const tag of tags) {
  test(`${tag} says everything, for every count`, async () => {
    await spoken.speak([tag])
    assert.equal(spoken.language, tag)
    walk(en, (path, original) => {
      const said = path.reduce((tree, key) => tree?.[key], spoken.messages)
      assert.equal(typeof said, typeof original, path.join('.'))
      if (typeof said !== 'function') return assert.ok(said, path.join('.'))
      for (const n of [0, 1, 2, 3, 11, 100]) {
        const text = JSON.stringify(said(n, n))
        assert.ok(text.length > 2 && !/undefined|null|NaN/.test(text), `${path.join('.')}(${n}): ${text}`)
      }
    })
  })
}

test('the first wish that there is wins, else English', async () => {
  for (const [wishes, want] of [
    [['de-AT', 'en'], 'de'],
    [['fr', 'ar-EG', 'de'], 'ar'],
    [['en-GB', 'de'], 'en'],
    [['fr'], 'en'],
    [['constructor'], 'en'],
    [[], 'en'],
  ]) {
    await spoken.speak(wishes)
    assert.equal(spoken.language, want, wishes.join())
  }
})

test('numbers and plurals are those of the language', async () => {
  await spoken.speak(['de'])
  assert.deepEqual([size(1), size(2), partOf(3.14 * 2 ** 30, 8 * 2 ** 30)], ['1 Byte', '2 Bytes', '3,1 von 8,0 GiB'])
  assert.equal(remaining(90_000), 'noch etwa 1 Tag 1 h')
  await spoken.speak(['ar'])
  assert.equal(size(300_000), '\u2068293 KiB\u2069', 'kept from turning to KiB 293')
  assert.equal(spoken.messages.history.count(2), 'ملفان')
  assert.equal(spoken.messages.history.count(3), '3 ملفات')
  assert.equal(spoken.messages.history.count(11), '11 ملفًا')
})
