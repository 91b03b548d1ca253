import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { sha256 } from './files.mjs'
import { setUp } from './stage.mjs'

const stage = setUp()

/** Sends files, then comes back and opens the list of what was sent. */
async function sentBefore(tab, ...names) {
  const sources = names.map((name) => stage.sources.make(name, 5_000))
  await tab.choose(...sources)
  for (const name of names) await tab.in('done', name).waitFor()
  await tab.page.reload()
  await tab.page.getByText('Sent from this browser').click()
  for (const name of names) await tab.in('done', name).getByText('On the server').waitFor()
  return sources
}

test('what was sent is listed after a reload, and can be fetched', async () => {
  const tab = await stage.direct()
  const [source] = await sentBefore(tab, 'one.bin', 'two.bin')
  await tab.page.getByText('2 files', { exact: true }).waitFor()
  const link = tab.row('one.bin').getByRole('link', { name: 'Download' })
  const [download] = await Promise.all([tab.page.waitForEvent('download'), link.click()])
  assert.equal(await sha256(await download.path()), await sha256(source))
})

test('a file is deleted only when the time to undo is over', async () => {
  const tab = await stage.proxied()
  await sentBefore(tab, 'gone.bin', 'stays.bin')
  await tab.button('Delete', 'stays.bin').press('Enter')
  await tab.button('Undo', 'stays.bin').waitFor()
  // The keyboard's place stays where it was.
  await tab.page.keyboard.press('Enter')
  await tab.button('Delete', 'stays.bin').waitFor()
  await tab.button('Delete', 'gone.bin').click()
  await tab.button('Undo', 'gone.bin').waitFor()
  assert.equal(stage.proxy.count('DELETE'), 0)
  await tab.row('gone.bin').waitFor({ state: 'detached' })
  assert.deepEqual(['gone.bin', 'stays.bin'].map((name) => existsSync(stage.server.file(name))), [false, true])
  await tab.page.reload()
  await tab.page.getByText('1 file', { exact: true }).waitFor()
})

test('leaving the page deletes what was to be deleted', async () => {
  const tab = await stage.proxied()
  await sentBefore(tab, 'leave.bin')
  await tab.button('Delete', 'leave.bin').click()
  await tab.page.goto('about:blank')
  for (let i = 0; i < 100 && existsSync(stage.server.file('leave.bin')); i++) await new Promise((r) => setTimeout(r, 50))
  assert.equal(existsSync(stage.server.file('leave.bin')), false)
})

test('files that the server no longer has say so', async () => {
  const tab = await stage.direct()
  await sentBefore(tab, 'deleted.bin', 'moved.bin')
  await tab.choose(stage.sources.make('empty.bin', 0))
  await tab.in('done', 'empty.bin').waitFor()
  const url = await tab.row('deleted.bin').getByRole('link', { name: 'Download' }).getAttribute('href')
  await fetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } })
  rmSync(stage.server.file('moved.bin'))
  await tab.page.reload()
  await tab.page.getByText('Sent from this browser').click()
  await tab.row('deleted.bin').getByText('No longer on the server').waitFor()
  await tab.row('moved.bin').getByText('moved it away').waitFor()
  await tab.in('done', 'empty.bin').getByText('On the server').waitFor()
  await tab.button('Forget', 'deleted.bin').click()
  await tab.row('deleted.bin').waitFor({ state: 'detached' })
})

test('a second file of the same name is announced', async () => {
  const tab = await stage.direct()
  await sentBefore(tab, 'twin.bin')
  const other = stage.sources.make('twin.bin', 6_000)
  await tab.choose(other)
  await tab.in('done', 'twin.bin').getByText('gives this one a number').waitFor()
  await stage.arrived('twin (1).bin', other)
})
