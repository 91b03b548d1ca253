import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

test('a proxy that caps bodies gets smaller requests', async () => {
  const tab = await stage.proxied()
  stage.proxy.cap = 5 * MiB
  const sources = ['one.bin', 'two.bin'].map((name) => stage.sources.make(name, 17 * MiB))
  await tab.choose(sources[0])
  await tab.in('done', 'one.bin').waitFor()
  const refused = stage.proxy.requests.filter(({ status }) => status === 413).length
  await tab.choose(sources[1])
  await tab.in('done', 'two.bin').waitFor()
  for (const [i, name] of ['one.bin', 'two.bin'].entries()) await stage.arrived(name, sources[i])
  assert.equal(stage.proxy.requests.filter(({ status }) => status === 413).length, refused, 'what was learnt holds')
  assert.equal(stage.proxy.count('POST'), 2)
})

test('a file that is too large for the server says so at once', async () => {
  await stage.serve('--max-size', '1MiB')
  const tab = await stage.proxied()
  await tab.choose(stage.sources.make('large.bin', 2 * MiB))
  await tab.in('failed', 'large.bin').getByText('larger than the server takes').waitFor()
  assert.equal(stage.proxy.bytes('PATCH'), 0)
})

for (const [status, state, words] of [
  [401, 'failed', 'does not let you upload'],
  [507, 'retrying', 'no room left'],
  [429, 'retrying', 'asks to wait'],
]) {
  test(`${status} in the middle loses nothing`, async () => {
    const tab = await stage.proxied()
    const source = stage.sources.make('refused.bin', 40 * MiB)
    stage.proxy.limit = 20 * MiB
    await tab.choose(source)
    await tab.reaches('refused.bin', 40)
    stage.proxy.refusal = status
    stage.proxy.cut()
    await tab.in(state, 'refused.bin').getByText(words).waitFor()
    stage.proxy.refusal = stage.proxy.limit = 0
    if (state === 'failed') await tab.button('Retry', 'refused.bin').click()
    await tab.in('done', 'refused.bin').waitFor()
    await stage.arrived('refused.bin', source)
    assert.equal(stage.proxy.count('POST'), 1)
    assert.ok(stage.proxy.requests.findLast(({ method }) => method === 'PATCH').offset > 0)
  })
}

test('an upload that expired says so, and starts anew', async () => {
  await stage.serve('--expire-after', '1s')
  const tab = await stage.proxied()
  const source = stage.sources.make('expired.bin', 40 * MiB)
  await stage.interrupt(tab, source, 'expired.bin')
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  await tab.page.reload()
  await tab.row('expired.bin').getByText('No longer on the server').waitFor()
  await tab.choose(source)
  await tab.in('done', 'expired.bin').getByText('started from the beginning').waitFor()
  await stage.arrived('expired.bin', source)
})
