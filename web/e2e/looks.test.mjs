import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { test } from 'node:test'
import { look } from './look.mjs'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

const film = 'The long way home, holiday film 2026, final cut with music.mov'

test('nothing there yet', async () => {
  const tab = await stage.direct()
  await look(tab, 'empty')
})

test('files hover above the page', async () => {
  const tab = await stage.direct()
  const data = { items: [], files: [stage.sources.make('a.bin', 1)], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver']) {
    await tab.cdp.send('Input.dispatchDragEvent', { type, x: 200, y: 200, data })
  }
  await tab.page.getByText('Drop to upload').waitFor()
  await look(tab, 'hovering')
})

test('uploading, waiting, done', async () => {
  const tab = await stage.proxied()
  const small = stage.sources.make('Recipe.pdf', 300_000)
  await tab.choose(small)
  await tab.in('done', 'Recipe.pdf').waitFor()
  stage.proxy.limit = 1.5 * MiB
  await tab.choose(
    stage.sources.make(film, 90 * MiB),
    ...['beach.zip', 'mountains.zip', 'city.zip', 'later.zip'].map((name, i) => stage.sources.make(name, (30 - 5 * i) * MiB)),
  )
  await tab.row(film).getByText('left').waitFor()
  await look(tab, 'uploading')
})

test('paused, cancel asked', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 8 * MiB
  await tab.choose(stage.sources.make(film, 60 * MiB), stage.sources.make('other.zip', 60 * MiB))
  await tab.reaches(film, 20)
  await tab.button('Pause', film).click()
  await tab.in('paused', film).getByText('stored').waitFor()
  await tab.button('Cancel', 'other.zip').click()
  await look(tab, 'paused')
})

test('trying again', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 8 * MiB
  await tab.choose(stage.sources.make(film, 60 * MiB))
  await tab.reaches(film, 20)
  stage.proxy.broken = true
  stage.proxy.cut()
  await tab.in('retrying', film).getByText('restarting or busy').waitFor()
  await look(tab, 'retrying')
})

test('offline', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 8 * MiB
  await tab.choose(stage.sources.make(film, 60 * MiB))
  await tab.reaches(film, 20)
  await stage.context.setOffline(true)
  stage.proxy.cut()
  await tab.in('offline', film).waitFor()
  await look(tab, 'offline')
})

test('verifying', async () => {
  const tab = await stage.direct()
  // The disk gives no more after five slices.
  await tab.page.addInitScript(() => {
    const read = Blob.prototype.arrayBuffer
    let slices = 0
    Blob.prototype.arrayBuffer = function () {
      return this.size > 1 && ++slices > 5 ? new Promise(() => {}) : read.call(this)
    }
  })
  await tab.page.reload()
  await tab.choose(stage.sources.make(film, 30 * MiB))
  await tab.in('verifying', film).getByText('Verifying what arrived, 33 %').waitFor()
  await look(tab, 'verifying')
})

test('interrupted', async () => {
  const tab = await stage.proxied()
  await stage.interrupt(tab, stage.sources.make(film, 60 * MiB), film)
  await look(tab, 'interrupted')
})

test('interrupted, and the browser asks before it reads again', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 20 * MiB
  await tab.drop(stage.sources.make(film, 60 * MiB), stage.sources.make('beach.zip', 60 * MiB))
  await tab.reaches('beach.zip', 30)
  await tab.page.addInitScript(() => (FileSystemHandle.prototype.queryPermission = async () => 'prompt'))
  await tab.page.reload()
  await tab.row('beach.zip').getByText('are on the server').waitFor()
  await look(tab, 'permission')
})

test('interrupted, then another file of that name', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make(film, 60 * MiB)
  const time = new Date('2026-01-01T00:00:00Z')
  utimesSync(source, time, time)
  await stage.interrupt(tab, source, film)
  stage.sources.make(film, 60 * MiB)
  utimesSync(source, time, time)
  await tab.choose(source)
  await tab.in('failed', film).waitFor()
  await look(tab, 'failed')
})

for (const [locale, words] of [['de-CH', 'noch'], ['ar-EG', 'بقي']]) {
  test(`uploading in ${locale}`, async () => {
    await stage.become({ locale })
    const tab = await stage.proxied()
    stage.proxy.limit = 1.5 * MiB
    await tab.choose(stage.sources.make(film, 90 * MiB), stage.sources.make('رحلة 2026.mov', 30 * MiB))
    await tab.row(film).getByText(words).waitFor()
    assert.deepEqual(
      await tab.page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]),
      locale === 'ar-EG' ? ['ar', 'rtl'] : ['de', 'ltr'],
    )
    await look(tab, `uploading-${locale}`)
  })
}

test('all done', async () => {
  const tab = await stage.direct()
  await tab.choose(stage.sources.make(film, 5 * MiB), stage.sources.make('Recipe.pdf', 300_000))
  await tab.page.getByText('2 files uploaded', { exact: true }).waitFor()
  await look(tab, 'done')
  await tab.row('Recipe.pdf').getByText('Details').click()
  await tab.row('Recipe.pdf').getByRole('img', { name: 'QR' }).waitFor()
  await look(tab, 'details')
  await tab.page.reload()
  await tab.page.getByText('Sent from this browser').click()
  await tab.in('done', 'Recipe.pdf').getByText('On the server').waitFor()
  await tab.button('Delete', 'Recipe.pdf').click()
  await look(tab, 'sent')
})
