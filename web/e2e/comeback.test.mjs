import assert from 'node:assert/strict'
import { appendFileSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

/** Drops a file, which the browser then keeps, and waits until about half of it is sent. */
async function half(tab, source, name) {
  stage.proxy.limit = 20 * MiB
  await tab.drop(source)
  await tab.reaches(name, 50)
}

test('after a reload a dropped file goes on by itself', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('back.bin', 40 * MiB)
  await half(tab, source, 'back.bin')
  await tab.page.reload()
  stage.proxy.limit = 0
  await tab.in('done', 'back.bin').getByText('Continued at').waitFor()
  await stage.arrived('back.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
  assert.ok(stage.proxy.requests.at(-1).offset > 0)
  assert.deepEqual(tab.dialogs, [], 'nothing to warn of')
  await tab.page.reload()
  await tab.page.getByText('Drop files anywhere').waitFor()
  assert.equal(await tab.page.locator('.row').count(), 0)
})

test('after a reload files that were waiting are sent too', async () => {
  const tab = await stage.proxied()
  const names = Array.from({ length: 8 }, (_, i) => `file-${i}.bin`)
  const sources = names.map((name) => stage.sources.make(name, 8 * MiB))
  stage.proxy.limit = 4 * MiB
  await tab.drop(...sources)
  await tab.reaches('file-3.bin', 10)
  await tab.page.reload()
  stage.proxy.limit = 0
  await tab.page.getByText('8 files uploaded', { exact: true }).waitFor()
  for (const [i, name] of names.entries()) await stage.arrived(name, sources[i])
  assert.equal(stage.proxy.count('POST'), 8)
})

test('a paused upload is still paused after a reload', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('rest.bin', 40 * MiB)
  await half(tab, source, 'rest.bin')
  await tab.button('Pause', 'rest.bin').click()
  await tab.in('paused', 'rest.bin').getByText('stored').waitFor()
  await tab.page.reload()
  await tab.in('paused', 'rest.bin').getByText('stored').waitFor()
  stage.proxy.limit = 0
  await tab.button('Resume', 'rest.bin').click()
  await tab.in('done', 'rest.bin').waitFor()
  await stage.arrived('rest.bin', source)
})

test('what another living tab has chosen is left to it, and taken over when it is closed', async () => {
  const one = await stage.proxied()
  const source = stage.sources.make('tabs.bin', 40 * MiB)
  await half(one, source, 'tabs.bin')
  const two = await stage.proxied()
  await two.page.getByText('Being uploaded in another tab').waitFor()
  await one.page.close()
  await two.page.reload()
  stage.proxy.limit = 0
  await two.in('done', 'tabs.bin').getByText('Continued at').waitFor()
  await stage.arrived('tabs.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
})

test('without permission one button asks for all', async () => {
  const tab = await stage.proxied()
  const sources = ['a.bin', 'b.bin'].map((name) => stage.sources.make(name, 40 * MiB))
  stage.proxy.limit = 20 * MiB
  await tab.drop(...sources)
  await tab.reaches('b.bin', 50)
  // No dialog can be answered here, so the page is told what a user would have said.
  await tab.page.addInitScript(() => {
    let allowed = false
    FileSystemHandle.prototype.queryPermission = async () => (allowed ? 'granted' : 'prompt')
    FileSystemHandle.prototype.requestPermission = async () => ((allowed = navigator.userActivation.isActive), 'granted')
  })
  await tab.page.reload()
  await tab.page.getByText('read the 2 files again').waitFor()
  stage.proxy.limit = 0
  await tab.page.getByRole('button', { name: 'Resume', exact: true }).click()
  await tab.page.getByText('2 files uploaded', { exact: true }).waitFor()
  for (const [i, name] of ['a.bin', 'b.bin'].entries()) await stage.arrived(name, sources[i])
  assert.equal(stage.proxy.count('POST'), 2)
})

for (const [how, words, change] of [
  ['changed', 'The file changed since', (path) => appendFileSync(path, 'more')],
  ['gone', 'no longer where it was', (path) => rmSync(path)],
]) {
  test(`a kept file that is ${how} after a reload is not sent`, async () => {
    const tab = await stage.proxied()
    const source = stage.sources.make('other.bin', 40 * MiB)
    await half(tab, source, 'other.bin')
    await tab.button('Pause', 'other.bin').click()
    await tab.in('paused', 'other.bin').getByText('stored').waitFor()
    change(source)
    const patches = stage.proxy.count('PATCH')
    await tab.page.reload()
    await tab.row('other.bin').getByText(words).waitFor()
    await tab.row('other.bin').getByText('are on the server').waitFor()
    assert.equal(stage.proxy.count('PATCH'), patches)
  })
}
