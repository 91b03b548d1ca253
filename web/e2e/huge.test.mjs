import assert from 'node:assert/strict'
import { closeSync, ftruncateSync, openSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

test('a file of 5 GiB with a hole in it arrives', async () => {
  const tab = await stage.direct()
  const path = join(stage.sources.dir, 'huge.bin')
  const size = 5 * 1024 * MiB
  const file = openSync(path, 'w')
  ftruncateSync(file, size)
  for (const at of [0, 2 ** 31 - 1, 2 ** 32 - 1, size - 8]) writeSync(file, 'longhaul', at)
  closeSync(file)
  await tab.choose(path)
  await tab.in('done', 'huge.bin').waitFor({ timeout: 200_000 })
  assert.equal(statSync(stage.server.file('huge.bin')).size, size)
  await stage.arrived('huge.bin', path)
})
