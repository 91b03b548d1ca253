import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { sha256 } from './files.mjs'
import { look } from './look.mjs'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()
const example = readFileSync(join(import.meta.dirname, '../example/index.html'), 'utf8')

/** A site of somebody else, which has the example page. */
let site
let origin

before(async () => {
  site = createServer((_, response) => {
    const page = example.replaceAll('https://files.example/', stage.proxy.url)
    response.writeHead(200, { 'Content-Type': 'text/html' }).end(page)
  })
  await new Promise((resolve) => site.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${site.address().port}`
})
after(() => site.close())

/** Opens the example page, whose requests may go to the server too. */
async function open() {
  const tab = await stage.open(origin)
  tab.hosts.add(new URL(stage.proxy.url).host)
  await tab.page.reload()
  await tab.page.getByText('Drop files here').waitFor()
  tab.errors.length = 0
  return tab
}

test('the element sends from a page of another origin, and tells it what arrived', async () => {
  await stage.serve('--cors-origin', origin)
  const tab = await open()
  const source = stage.sources.make('film.bin', 40 * MiB)
  await tab.choose(source)
  await tab.in('done', 'film.bin').getByText('Uploaded and verified').waitFor()
  await tab.page.getByText('Thank you for film.bin.').waitFor()
  await stage.arrived('film.bin', source)
  await tab.in('done', 'film.bin').getByText('Details').click()
  await tab.row('film.bin').getByRole('img', { name: 'QR' }).waitFor()
  assert.equal(await tab.page.title(), 'Send us your film')
  await look(tab, 'widget')
})

test('the element goes on by itself after a reload', async () => {
  await stage.serve('--cors-origin', origin)
  const tab = await open()
  const source = stage.sources.make('long.bin', 40 * MiB)
  stage.proxy.limit = 20 * MiB
  tab.at = await tab.page.locator('longhaul-upload').boundingBox().then(({ x, y }) => ({ x: x + 50, y: y + 50 }))
  await tab.drop(source)
  await tab.reaches('long.bin', 50)
  await tab.page.reload()
  stage.proxy.limit = 0
  await tab.in('done', 'long.bin').getByText('Continued at').waitFor()
  await stage.arrived('long.bin', source)
  assert.equal(stage.proxy.count('POST'), 1)
})

test('the token goes along with every request, and stands in no link', async () => {
  await stage.serve('--cors-origin', origin)
  stage.proxy.token = 'abc.def'
  const tab = await open()
  await tab.page.evaluate(() => document.querySelector('longhaul-upload').setAttribute('token', 'abc.def'))
  const source = stage.sources.make('token.bin', 2 * MiB)
  await tab.choose(source)
  await tab.in('done', 'token.bin').waitFor()
  const sent = stage.proxy.requests.filter(({ method }) => method !== 'OPTIONS')
  assert.deepEqual([...new Set(sent.map(({ authorization }) => authorization))], ['Bearer abc.def'])
  await tab.in('done', 'token.bin').getByText('Details').click()
  await tab.row('token.bin').getByText('The server wants a token').waitFor()
  await tab.row('token.bin').getByRole('button', { name: 'Compare' }).waitFor()
  assert.equal(await tab.row('token.bin').locator('a, .qr').count(), 0)
  const shown = await tab.row('token.bin').locator('code').allTextContents()
  assert.ok(shown.length === 4 && !shown.join().includes('abc.def'), shown.join())
  const wanted = await sha256(source)
  rmSync(source)
  const env = { ...process.env, LONGHAUL_TOKEN: 'abc.def' }
  await promisify(execFile)('sh', ['-c', shown.find((text) => text.startsWith('curl'))], { cwd: stage.sources.dir, env })
  assert.equal(await sha256(source), wanted)
  await look(tab, 'widget-token')
})

test('a picture that is downloaded does not replace the page', async () => {
  await stage.serve('--cors-origin', origin)
  const tab = await open()
  await tab.choose(stage.sources.make('shot.png', 1_000))
  const link = tab.in('done', 'shot.png').getByRole('link', { name: 'Download' })
  const [shown] = await Promise.all([stage.context.waitForEvent('page'), link.click()])
  await shown.waitForURL(await link.getAttribute('href'))
  assert.equal(new URL(tab.page.url()).origin, origin)
})

test('what is dropped beside the element stays with its page', async () => {
  await stage.serve('--cors-origin', origin)
  const tab = await open()
  await tab.page.evaluate(() => {
    document.querySelector('h1').style.height = '400px'
    addEventListener('dragover', (event) => event.preventDefault())
    addEventListener('drop', (event) => event.preventDefault())
  })
  await tab.drop(stage.sources.make('beside.bin', 1_000))
  await tab.page.getByText('Choose files').waitFor()
  assert.equal(await tab.page.locator('.row').count(), 0)
})
