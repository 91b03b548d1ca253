import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { setUp } from './stage.mjs'

const stage = setUp()

test('1,000 small files arrive while the page stays at hand', async (t) => {
  const tab = await stage.proxied()
  const files = Array.from({ length: 1_000 }, (_, i) => stage.sources.make(`small-${i}.bin`, 10_000 + i))
  await tab.page.evaluate(watchFrames)
  // Among all the others one can be told to wait, and to go on.
  stage.proxy.limit = 5_000
  await tab.choose(...files)
  await tab.button('Pause', 'small-30.bin').click()
  await tab.in('paused', 'small-30.bin').waitFor()
  stage.proxy.limit = 0
  const start = Date.now()
  await tab.page.getByText('999 of 1000 files uploaded').waitFor({ timeout: 90_000 })
  await tab.button('Resume', 'small-30.bin').click()
  await tab.page.getByText('1000 files uploaded', { exact: true }).waitFor()
  const worst = await tab.page.evaluate(() => window.worstFrame)
  t.diagnostic(`${(Date.now() - start) / 1_000} s, longest frame ${Math.round(worst)} ms`)
  assert.ok((await tab.page.locator('.row').count()) < 200, 'rows far from the window are not in the document')
  assert.equal(readdirSync(stage.server.file('')).length, 1_000)
  for (const i of [0, 499, 999]) await stage.arrived(`small-${i}.bin`, files[i])
})

test('the end of a long list is there when it is scrolled to', async () => {
  const tab = await stage.proxied()
  stage.proxy.broken = true
  const files = Array.from({ length: 200 }, (_, i) => stage.sources.make(`row-${i}.bin`, 1))
  await tab.choose(...files)
  await tab.row('row-0.bin').waitFor()
  assert.equal(await tab.row('row-199.bin').count(), 0)
  await tab.page.mouse.wheel(0, 100_000)
  await tab.row('row-199.bin').waitFor()
  assert.equal(await tab.row('row-199.bin').getAttribute('aria-posinset'), '200')
  assert.equal(await tab.row('row-0.bin').count(), 0)
})

test('ten thousand files are taken while the page stays at hand', async (t) => {
  const tab = await stage.proxied()
  stage.proxy.limit = 1_000
  await tab.page.evaluate(() => {
    const data = new DataTransfer()
    for (let i = 0; i < 10_000; i++) data.items.add(new File(['x'.repeat(1_000 + i)], `leaf-${i}.txt`))
    document.querySelector('input[type=file]').files = data.files
  })
  await tab.page.evaluate(watchFrames)
  await tab.page.evaluate(() => document.querySelector('input[type=file]').dispatchEvent(new Event('change', { bubbles: true })))
  await tab.page.getByText(' of 10000 files uploaded').waitFor()
  await tab.button('Pause', 'leaf-20.txt').click()
  await tab.in('paused', 'leaf-20.txt').waitFor()
  const worst = await tab.page.evaluate(() => window.worstFrame)
  t.diagnostic(`longest frame ${Math.round(worst)} ms`)
  // A tenth of it on a machine that has nothing else to do.
  assert.ok(worst < 1_000, `the page stood still for ${Math.round(worst)} ms`)
  assert.ok((await tab.page.locator('.row').count()) < 200)
  // Nothing more has to arrive: leaving is answered by the test's own consent.
  await tab.page.goto('about:blank')
})

/** Notes the longest time between two frames in window.worstFrame. */
function watchFrames() {
  window.worstFrame = 0
  let last = performance.now()
  const frame = (now) => {
    window.worstFrame = Math.max(window.worstFrame, now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}
