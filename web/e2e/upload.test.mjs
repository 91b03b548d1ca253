import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, renameSync, utimesSync } from 'node:fs'
import { test } from 'node:test'
import { sha256 } from './files.mjs'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

test('dropped files arrive', async () => {
  const tab = await stage.direct()
  const a = stage.sources.make('a.bin', 3 * MiB + 1)
  const b = stage.sources.make('böse Datei 😀.bin', 12345)
  await tab.drop(a, b)
  for (const name of ['a.bin', 'böse']) await tab.in('done', name).waitFor()
  await stage.arrived('a.bin', a)
  await stage.arrived('böse Datei 😀.bin', b)
  assert.equal(tab.count('POST'), 2)
  assert.equal(tab.count('PATCH'), 1, 'the small one travels with its creation')
  assert.equal(await tab.page.title(), 'Done · Longhaul')
})

test('a done file can be downloaded from its row', async () => {
  const tab = await stage.direct()
  const source = stage.sources.make('back.bin', 2 * MiB)
  await tab.choose(source)
  const link = tab.in('done', 'back.bin').getByRole('link', { name: 'Download' })
  const [download] = await Promise.all([tab.page.waitForEvent('download'), link.click()])
  assert.equal(download.suggestedFilename(), 'back.bin')
  assert.equal(await sha256(await download.path()), await sha256(source))
})

test('an empty file arrives', async () => {
  const tab = await stage.direct()
  const source = stage.sources.make('empty.txt', 0)
  await tab.choose(source)
  await tab.in('done', 'empty.txt').waitFor()
  await stage.arrived('empty.txt', source)
})

test('200 MB survive a server that is killed behind a proxy that answers 502', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('big.bin', 200e6)
  stage.proxy.limit = 60e6
  await tab.choose(source)
  // Within one request the server acknowledges every 64 MiB, which lie below 60 % here.
  await tab.reaches('big.bin', 60)
  await stage.server.kill()
  await tab.in('retrying', 'big.bin').getByText('restarting or busy').waitFor()
  stage.proxy.limit = 0
  await stage.server.start()
  await tab.in('done', 'big.bin').waitFor()
  await stage.arrived('big.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
  assert.ok(stage.proxy.requests.at(-1).offset > 0, 'the last request starts where the server stopped')
})

test('a proxy that answers 502 for a while does not start the upload anew', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('proxied.bin', 60 * MiB)
  stage.proxy.limit = 30 * MiB
  await tab.choose(source)
  await tab.reaches('proxied.bin', 40)
  stage.proxy.broken = true
  stage.proxy.cut()
  // Two failed questions at least: the library's own answer to the first would be a new upload.
  await until(() => stage.proxy.requests.filter((r) => r.method === 'HEAD' && r.status === 502).length >= 2)
  await tab.in('retrying', 'proxied.bin').getByText('restarting or busy').waitFor()
  stage.proxy.broken = false
  stage.proxy.limit = 0
  await tab.in('done', 'proxied.bin').waitFor()
  await stage.arrived('proxied.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
  assert.ok(stage.proxy.requests.at(-1).offset > 0)
})

test('a portal that answers for the server does not end the upload', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('portal.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  await tab.choose(source)
  await tab.reaches('portal.bin', 40)
  stage.proxy.portal = true
  stage.proxy.cut()
  await tab.in('retrying', 'portal.bin').getByText('something before the server answered 200').waitFor()
  stage.proxy.portal = false
  stage.proxy.limit = 0
  await tab.in('done', 'portal.bin').waitFor()
  await stage.arrived('portal.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
})

test('a portal neither tells what the server holds nor deletes it', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('portal.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'portal.bin')
  stage.proxy.portal = true
  await tab.page.reload()
  await tab.row('portal.bin').getByText('The server cannot be reached').waitFor()
  await tab.button('Delete', 'portal.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.row('portal.bin').getByText('could not delete it').waitFor()
  await tab.choose(source)
  await tab.in('retrying', 'portal.bin').getByText('something before the server answered 200').waitFor()
  stage.proxy.portal = false
  await tab.in('done', 'portal.bin').getByText('Continued at').waitFor()
  await stage.arrived('portal.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
})

test('a paused upload rests, and continues where it was', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('pause.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  await tab.choose(source)
  await tab.reaches('pause.bin', 40)
  await tab.button('Pause', 'pause.bin').click()
  await tab.in('paused', 'pause.bin').getByText('stored').waitFor()
  const seen = stage.proxy.requests.length
  await tab.button('Resume', 'pause.bin').click()
  stage.proxy.limit = 0
  await tab.in('done', 'pause.bin').waitFor()
  await stage.arrived('pause.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
  const [head, patch] = stage.proxy.requests.slice(seen)
  assert.equal(head.method, 'HEAD')
  assert.ok(patch.offset > 0 && patch.bytes === 40 * MiB - patch.offset)
})

test('a cancelled upload is deleted from the server', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 10 * MiB
  await tab.choose(stage.sources.make('cancel.bin', 40 * MiB))
  await tab.reaches('cancel.bin', 10)
  await tab.button('Cancel', 'cancel.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.row('cancel.bin').waitFor({ state: 'detached' })
  assert.equal(stage.proxy.requests.at(-1).method, 'DELETE')
  assert.equal(stage.proxy.requests.at(-1).status, 204)
  await tab.page.reload()
  assert.equal(await tab.page.locator('.row').count(), 0)
})

test('after a reload the same file continues, and its beginning is not sent again', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('reload.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'reload.bin')
  const before = stage.proxy.requests.length
  await tab.choose(source)
  await tab.in('done', 'reload.bin').waitFor()
  await stage.arrived('reload.bin', source)
  const later = stage.proxy.requests.slice(before)
  assert.deepEqual(later.map((r) => r.method), ['HEAD', 'HEAD', 'PATCH'])
  assert.ok(later[2].offset > 0 && later[2].bytes === 40 * MiB - later[2].offset)
  assert.equal(await tab.page.getByText('Interrupted uploads').count(), 0)
  await tab.page.reload()
  assert.equal(await tab.page.locator('.row').count(), 0)
})

test('a file of the same name but another size is a new upload', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('same.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'same.bin')
  appendFileSync(source, 'more')
  await tab.choose(source)
  await tab.in('done', 'same.bin').waitFor()
  await tab.page.getByText('so this is a new upload').waitFor()
  await stage.arrived('same.bin', source)
  assert.equal(stage.proxy.count('POST'), 2)
  assert.equal(await tab.page.getByText('are on the server').count(), 1)
})

test('a file that looks the same but is not is never mixed', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('forged.bin', 40 * MiB)
  const time = new Date('2026-01-01T00:00:00Z')
  utimesSync(source, time, time)
  await stage.interrupt(tab, source, 'forged.bin')
  stage.sources.make('forged.bin', 40 * MiB)
  utimesSync(source, time, time)
  const patches = stage.proxy.count('PATCH')
  await tab.choose(source)
  await tab.in('failed', 'forged.bin').getByText('not the same as when the upload began').waitFor()
  assert.equal(stage.proxy.count('PATCH'), patches)
  await tab.button('Send it anew', 'forged.bin').click()
  assert.equal(stage.proxy.count('DELETE'), 0)
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.in('done', 'forged.bin').waitFor()
  await stage.arrived('forged.bin', source)
  assert.equal(stage.proxy.count('DELETE'), 1)
  assert.deepEqual(readdirSync(stage.server.file('')), ['forged.bin'])
})

test('nothing is appended before the server proved what it holds', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('digest.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'digest.bin')
  const patches = stage.proxy.count('PATCH')
  stage.proxy.withheld = 'upload-digest'
  await tab.choose(source)
  await tab.in('retrying', 'digest.bin').getByText('without a proof').waitFor()
  assert.equal(stage.proxy.count('PATCH'), patches)
  stage.proxy.withheld = ''
  await tab.in('done', 'digest.bin').getByText('Continued at').waitFor()
  await stage.arrived('digest.bin', source)
})

test('a file that changes unnoticed while it is sent is not called uploaded', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('moving.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  await tab.choose(source)
  await tab.reaches('moving.bin', 30)
  stage.sources.overwrite('moving.bin', MiB)
  stage.proxy.limit = 0
  await tab.in('failed', 'moving.bin').getByText('All of it arrived, but').waitFor()
  await tab.choose(source)
  await tab.in('failed', 'moving.bin').getByText('not the same as when the upload began').waitFor()
  assert.equal(stage.proxy.count('DELETE'), 0)
  await tab.button('Send it anew', 'moving.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.in('done', 'moving.bin').waitFor()
  await stage.arrived('moving.bin', source)
  assert.deepEqual(readdirSync(stage.server.file('')), ['moving.bin'])
})

for (const [how, touch] of [['touched', touched], ['moved away', movedAway]]) {
  test(`a file that is ${how} while it is sent is not sent again`, async () => {
    const tab = await stage.proxied()
    const source = stage.sources.make('held.bin', 40 * MiB)
    stage.proxy.limit = 20 * MiB
    await tab.choose(source)
    await tab.reaches('held.bin', 30)
    const undo = touch(source)
    stage.proxy.limit = 0
    await tab.in('failed', 'held.bin').getByText('All of it arrived, but').waitFor()
    undo()
    await tab.choose(source)
    await tab.in('done', 'held.bin').waitFor()
    await stage.arrived('held.bin', source)
    assert.deepEqual([stage.proxy.count('POST'), stage.proxy.count('DELETE')], [1, 0])
    assert.equal(stage.proxy.bytes('PATCH'), 40 * MiB)
  })
}

function touched(path) {
  utimesSync(path, 1, 1)
  return () => {}
}

function movedAway(path) {
  renameSync(path, `${path}.away`)
  return () => renameSync(`${path}.away`, path)
}

test('what arrived of a changed file is deleted when the user says so', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('unwanted.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  await tab.choose(source)
  await tab.reaches('unwanted.bin', 30)
  touched(source)
  stage.proxy.limit = 0
  await tab.in('failed', 'unwanted.bin').getByText('All of it arrived, but').waitFor()
  await tab.button('Delete', 'unwanted.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.row('unwanted.bin').waitFor({ state: 'detached' })
  assert.deepEqual(readdirSync(stage.server.file('')), [])
})

test('a file that was away for a moment continues when it is chosen again', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('drive.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  await tab.choose(source)
  await tab.reaches('drive.bin', 40)
  renameSync(source, `${source}.away`)
  stage.proxy.cut()
  await tab.in('failed', 'drive.bin').getByText('can no longer be read').waitFor()
  renameSync(`${source}.away`, source)
  stage.proxy.limit = 0
  await tab.choose(source)
  await tab.in('done', 'drive.bin').waitFor()
  await stage.arrived('drive.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
})

test('an upload that the server no longer has starts anew and says so', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('gone.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'gone.bin')
  const { url } = tab.requests.findLast((r) => r.method === 'HEAD')
  const answer = await fetch(url, { method: 'DELETE', headers: { 'Tus-Resumable': '1.0.0' } })
  assert.equal(answer.status, 204)
  await tab.page.reload()
  await tab.page.getByText('No longer on the server').waitFor()
  await tab.choose(source)
  await tab.in('done', 'gone.bin').getByText('started from the beginning').waitFor()
  await stage.arrived('gone.bin', source)
})

for (const [how, fault, seconds] of [['breaks', 'cut', 20], ['hangs', 'freeze', 5]]) {
  test(`offline for ${seconds} seconds while the connection ${how}`, async () => {
    const tab = await stage.proxied()
    const source = stage.sources.make('offline.bin', 40 * MiB)
    stage.proxy.limit = 20 * MiB
    await tab.choose(source)
    await tab.reaches('offline.bin', 30)
    await stage.context.setOffline(true)
    stage.proxy[fault]()
    await tab.in('offline', 'offline.bin').waitFor()
    await tab.page.getByText('You are offline').waitFor()
    await new Promise((resolve) => setTimeout(resolve, 1_000 * seconds))
    stage.proxy.limit = 0
    await stage.context.setOffline(false)
    await tab.in('done', 'offline.bin').waitFor({ timeout: 5_000 })
    await stage.arrived('offline.bin', source)
    assert.equal(stage.proxy.count('POST'), 1)
  })
}

test('the upload survives a connection that breaks again and again', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('rough.bin', 50 * MiB)
  stage.proxy.limit = 25 * MiB
  await tab.choose(source)
  for (const percent of [15, 30, 45, 60, 75]) {
    await tab.reaches('rough.bin', percent)
    stage.proxy.cut()
  }
  await tab.in('done', 'rough.bin').waitFor()
  await stage.arrived('rough.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
  const again = stage.proxy.bytes('PATCH') - 50 * MiB
  assert.ok(again < 25 * MiB, `${again} bytes were sent twice`)
})

/** Polls a condition of this process, within a few seconds. */
async function until(condition) {
  for (const end = Date.now() + 15_000; !condition(); ) {
    assert.ok(Date.now() < end, `still not: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
