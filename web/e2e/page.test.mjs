import assert from 'node:assert/strict'
import { test } from 'node:test'
import { devices } from 'playwright-core'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

test('the page works below a path of a reverse proxy', async () => {
  stage.proxy.prefix = '/far/below'
  const tab = await stage.open(`${stage.proxy.url}far/below/`)
  const source = stage.sources.make('sub.bin', MiB)
  await tab.choose(source)
  await tab.in('done', 'sub.bin').waitFor()
  await stage.arrived('sub.bin', source)
  assert.ok(tab.requests.every(({ url }) => url.startsWith(`${stage.proxy.url}far/below/files/`)))
})

test('the page can be installed', async () => {
  const tab = await stage.direct()
  const { errors, manifest } = await tab.cdp.send('Page.getAppManifest')
  assert.deepEqual(errors, [])
  assert.equal(manifest.startUrl, tab.page.url())
})

test('plain http to another machine can do all of it', async () => {
  const url = new URL(stage.proxy.url)
  url.hostname = 'longhaul.example'
  const tab = await stage.open(url.href)
  assert.equal(await tab.page.evaluate(() => isSecureContext), false)
  const source = stage.sources.make('plain.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'plain.bin')
  await tab.choose(source)
  await tab.in('done', 'plain.bin').getByText('Continued at').waitFor()
  await stage.arrived('plain.bin', source)
})

test('two tabs do not fight over an upload', async () => {
  const one = await stage.proxied()
  const source = stage.sources.make('shared.bin', 40 * MiB)
  stage.proxy.limit = 10 * MiB
  await one.choose(source)
  await one.reaches('shared.bin', 10)
  const two = await stage.proxied()
  await two.page.getByText('Being uploaded in another tab').waitFor()
  await two.choose(source)
  await two.in('failed', 'shared.bin').getByText('Another tab of this browser').waitFor()
  await two.button('Remove', 'shared.bin').click()
  await two.in('failed', 'shared.bin').waitFor({ state: 'detached' })
  await two.page.getByText('Being uploaded in another tab').waitFor()
  stage.proxy.limit = 0
  await one.in('done', 'shared.bin').waitFor()
  await stage.arrived('shared.bin', source)
  assert.deepEqual(stage.proxy.requests.map((r) => r.method), ['POST', 'PATCH'])
})

test('a tab does not take back an upload that another tab continued', async () => {
  const one = await stage.proxied()
  const source = stage.sources.make('handed.bin', 40 * MiB)
  stage.proxy.limit = 10 * MiB
  await one.choose(source)
  const two = await handOver(one, source, 'handed.bin')
  const seen = stage.proxy.requests.length
  await one.button('Resume', 'handed.bin').click()
  await one.in('failed', 'handed.bin').getByText('Another tab of this browser').waitFor()
  stage.proxy.limit = 0
  await two.in('done', 'handed.bin').waitFor()
  await stage.arrived('handed.bin', source)
  assert.ok(stage.proxy.requests.slice(seen).every(({ method }) => method === 'PATCH'))
})

test('cancelling what another tab continued deletes nothing', async () => {
  const one = await stage.proxied()
  const source = stage.sources.make('taken.bin', 40 * MiB)
  stage.proxy.limit = 10 * MiB
  await one.choose(source)
  const two = await handOver(one, source, 'taken.bin')
  await one.button('Cancel', 'taken.bin').click()
  await one.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await one.page.getByText('Being uploaded in another tab').waitFor()
  stage.proxy.limit = 0
  await two.in('done', 'taken.bin').waitFor()
  assert.equal(stage.proxy.count('DELETE'), 0)
})

/** Pauses an upload of one tab, and continues it in a second one, which it returns. */
async function handOver(one, source, name) {
  await one.reaches(name, 10)
  await one.button('Pause', name).click()
  await one.in('paused', name).getByText('stored').waitFor()
  const two = await stage.proxied()
  await two.choose(source)
  await two.in('uploading', name).waitFor()
  // Slow enough that it is still on its way whatever else the machine does.
  stage.proxy.limit = MiB
  return two
}

test('what another tab sends is not deleted', async () => {
  const one = await stage.proxied()
  const source = stage.sources.make('wanted.bin', 40 * MiB)
  await stage.interrupt(one, source, 'wanted.bin')
  stage.proxy.limit = 10 * MiB
  const two = await stage.proxied()
  await two.choose(source)
  await two.in('uploading', 'wanted.bin').waitFor()
  await one.button('Delete', 'wanted.bin').click()
  await one.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await one.page.getByText('Being uploaded in another tab').waitFor()
  stage.proxy.limit = 0
  await two.in('done', 'wanted.bin').waitFor()
  assert.equal(stage.proxy.count('DELETE'), 0)
})

test('leaving is warned of while something is uploading, and only then', async () => {
  const tab = await stage.proxied()
  await tab.page.mouse.click(5, 5) // browsers heed the warning only after a gesture
  stage.proxy.limit = 10 * MiB
  await tab.choose(stage.sources.make('leave.bin', 40 * MiB))
  await tab.reaches('leave.bin', 10)
  await tab.page.reload()
  assert.deepEqual(tab.dialogs, ['beforeunload'])
  stage.proxy.limit = 0
  await tab.page.mouse.click(5, 5)
  await tab.choose(stage.sources.make('stay.bin', MiB))
  await tab.in('done', 'stay.bin').waitFor()
  await tab.page.reload()
  assert.deepEqual(tab.dialogs, ['beforeunload'])
})

test('an iPhone says that uploads rest in the background', async () => {
  await stage.become({ userAgent: devices['iPhone 15'].userAgent, viewport: { width: 390, height: 660 }, hasTouch: true })
  const tab = await stage.proxied()
  stage.proxy.limit = 10 * MiB
  await tab.choose(stage.sources.make('phone.bin', 20 * MiB))
  await tab.page.getByText('Keep this page in front').waitFor()
  stage.proxy.limit = 0
  await tab.in('done', 'phone.bin').waitFor()
  await tab.page.getByText('Keep this page in front').waitFor({ state: 'detached' })
})

test('four files go at a time, and the title tells how far all are', async () => {
  const tab = await stage.proxied()
  stage.proxy.limit = 4 * MiB
  await tab.choose(...[1, 2, 3, 4, 5, 6].map((i) => stage.sources.make(`part-${i}.bin`, 8 * MiB)))
  await tab.page.locator('.row.uploading').nth(3).getByText('sent').waitFor()
  assert.equal(await tab.page.locator('.row.uploading').count(), 4)
  assert.equal(await tab.page.locator('.row.waiting').count(), 2)
  assert.equal(stage.proxy.count('POST'), 4)
  assert.match(await tab.page.title(), /^\d+ % · Longhaul$/)
  stage.proxy.limit = 0
  await tab.page.getByText('6 files uploaded', { exact: true }).waitFor()
})

test('a file that is in the list already waits for a word', async () => {
  const tab = await stage.proxied()
  const source = stage.sources.make('twice.bin', 40 * MiB)
  stage.proxy.limit = 10 * MiB
  await tab.choose(source)
  await tab.reaches('twice.bin', 10)
  await tab.choose(source)
  await tab.in('failed', 'twice.bin').getByText('already in the list').waitFor()
  stage.proxy.limit = 0
  await tab.button('Upload anyway', 'twice.bin').click()
  await tab.page.getByText('2 files uploaded', { exact: true }).waitFor()
  await stage.arrived('twice.bin', source)
  await stage.arrived('twice (1).bin', source)
})

test('an interrupted upload can be deleted', async () => {
  const tab = await stage.proxied()
  await stage.interrupt(tab, stage.sources.make('old.bin', 40 * MiB), 'old.bin')
  await tab.button('Delete', 'old.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.page.getByText('Interrupted uploads').waitFor({ state: 'detached' })
  assert.deepEqual([stage.proxy.requests.at(-1).method, stage.proxy.requests.at(-1).status], ['DELETE', 204])
})

test('everything can be done with the keyboard', async () => {
  const tab = await stage.proxied()
  const focused = () => tab.page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.textContent)
  const hasFocus = async (label) => {
    const is = (label) => (document.activeElement.ariaLabel ?? document.activeElement.textContent) === label
    await tab.page.waitForFunction(is, label).catch(async () => assert.equal(await focused(), label))
  }
  const tabTo = async (label) => {
    for (let i = 0; i < 12 && (await focused()) !== label; i++) await tab.page.keyboard.press('Tab')
    assert.equal(await focused(), label)
  }
  // The browser's own picker cannot be answered from here.
  await tab.page.evaluate(() => delete window.showOpenFilePicker)
  // Asked for early: the browser needs a moment before it hands its dialogs over.
  const chooser = tab.page.waitForEvent('filechooser')
  await tabTo('Choose files')
  await tab.page.keyboard.press('Enter')
  stage.proxy.limit = 10 * MiB
  await (await chooser).setFiles([stage.sources.make('keys.bin', 40 * MiB)])
  await tab.reaches('keys.bin', 10)
  await tabTo('Pause: keys.bin')
  await tab.page.keyboard.press('Space')
  await tab.in('paused', 'keys.bin').getByText('stored').waitFor()
  await hasFocus('Resume: keys.bin')
  await tabTo('Cancel: keys.bin')
  await tab.page.keyboard.press('Enter')
  await hasFocus('Keep')
  await tab.page.keyboard.press('Escape')
  await hasFocus('Cancel: keys.bin')
  await tab.page.keyboard.press('Enter')
  await hasFocus('Keep')
  await tab.page.keyboard.press('Shift+Tab')
  await hasFocus('Delete')
  await tab.page.keyboard.press('Enter')
  await tab.row('keys.bin').waitFor({ state: 'detached' })
})
