import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { sha256 } from './files.mjs'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()

/** Uploads a file and opens its details. */
async function open(tab, source, name) {
  await tab.choose(source)
  await tab.in('done', name).getByText('Details').click()
  return tab.row(name).locator('.details')
}

/** The text beside a term of the details. */
function beside(details, term) {
  return details.locator('dt', { hasText: term }).locator('xpath=following-sibling::dd/code')
}

test('what arrived is verified, and its SHA-256 shown', async () => {
  const tab = await stage.direct()
  const source = stage.sources.make('film.bin', 20 * MiB)
  const details = await open(tab, source, 'film.bin')
  await tab.in('done', 'film.bin').getByText('Uploaded and verified').waitFor()
  assert.equal(await beside(details, 'SHA-256').textContent(), await sha256(source))
  const announced = tab.page.evaluate(
    () =>
      new Promise((resolve) => {
        const region = document.querySelector('.compare [role=status]')
        const watched = { childList: true, characterData: true, subtree: true }
        new MutationObserver(() => region.textContent && resolve(region.textContent)).observe(region, watched)
      }),
  )
  await details.getByRole('button', { name: 'Compare with the file' }).click()
  assert.equal(await announced, 'Compared: the file here has the same.', 'no percents are announced')
})

test('what arrived otherwise than it was sent is not called uploaded', async () => {
  const tab = await stage.proxied()
  stage.proxy.forged = { 'repr-digest': `sha-256=:${Buffer.alloc(32).toString('base64')}:` }
  await tab.choose(stage.sources.make('bent.bin', MiB))
  await tab.in('failed', 'bent.bin').getByText('its SHA-256 is not that').waitFor()
  await tab.button('Delete', 'bent.bin').click()
  await tab.page.getByRole('button', { name: 'Delete', exact: true }).click()
  await tab.row('bent.bin').waitFor({ state: 'detached' })
  assert.deepEqual(readdirSync(stage.server.file('')), [])
})

test('the link is shown, drawn and copied, and the commands work as they are', async () => {
  const name = "it's $HOME & `co`.bin"
  const tab = await stage.direct()
  await stage.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const source = stage.sources.make(name, 300_000)
  const wanted = await sha256(source)
  const details = await open(tab, source, name)
  const link = await beside(details, 'Link').textContent()
  assert.match(link, /^http:.*\/files\/[^/]+$/)
  await details.getByRole('img', { name: 'The link as a QR code' }).waitFor()
  await details.getByRole('button', { name: 'Copy: Link' }).click()
  await details.getByText('Copied').waitFor()
  assert.equal(await tab.page.evaluate(() => navigator.clipboard.readText()), link)
  const curl = await beside(details, 'Download with curl').textContent()
  rmSync(source)
  execFileSync('sh', ['-c', curl], { cwd: stage.sources.dir, stdio: 'ignore' })
  assert.equal(await sha256(source), wanted)
  const push = await beside(details, 'Send with longhaul').textContent()
  assert.ok(push.startsWith('longhaul push ') && push.endsWith("/files/'"), push)
})

test('a link is copied on plain http too', async () => {
  const url = new URL(stage.server.url)
  url.hostname = 'longhaul.example'
  const tab = await stage.open(url.href)
  const details = await open(tab, stage.sources.make('plain.bin', 1_000), 'plain.bin')
  await details.getByRole('button', { name: 'Copy: Link' }).click()
  await details.getByText('Copied').waitFor()
})
