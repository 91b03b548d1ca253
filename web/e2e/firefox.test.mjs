import assert from 'node:assert/strict'
import { utimesSync } from 'node:fs'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import puppeteer from 'puppeteer-core'
import { Sources, sha256 } from './files.mjs'
import { Proxy } from './proxy.mjs'
import { Server } from './server.mjs'
import { MiB } from './stage.mjs'

// Firefox keeps no files for later: here an upload goes on when its file is chosen again.

let browser, context, page, server, proxy, sources

before(async () => {
  const executablePath = process.env.FIREFOX ?? '/usr/bin/firefox-esr'
  browser = await puppeteer.launch({ browser: 'firefox', executablePath })
})
after(() => browser.close())

beforeEach(async () => {
  server = await Server.start()
  proxy = await Proxy.start(server.url)
  sources = new Sources()
  context = await browser.createBrowserContext()
  page = await context.newPage()
  page.setDefaultTimeout(20_000)
  await page.goto(proxy.url)
})

afterEach(async () => {
  await context.close()
  await proxy.stop()
  await server.stop()
  sources.remove()
})

async function choose(...paths) {
  const input = await page.waitForSelector('input[type=file]')
  await input.uploadFile(...paths)
}

const says = (words) => page.waitForFunction((words) => document.body.innerText.includes(words), {}, words)

/** Sends about half of a file, then comes back to the page. */
async function interrupt(source) {
  proxy.limit = 20 * MiB
  await choose(source)
  await page.waitForFunction(() => document.querySelector('.row progress')?.value >= 50)
  page.on('dialog', (dialog) => void dialog.accept())
  await page.reload()
  proxy.limit = 0
  await says('are on the server')
}

async function arrived(name, source) {
  assert.equal(await sha256(server.file(name)), await sha256(source), `${name} differs`)
}

test('after a reload the same file continues, and its beginning is not sent again', async () => {
  const source = sources.make('again.bin', 40 * MiB)
  await interrupt(source)
  await choose(source)
  await says('Continued at')
  await says('1 file uploaded')
  await arrived('again.bin', source)
  assert.equal(proxy.count('POST'), 1)
  assert.ok(proxy.requests.findLast(({ method }) => method === 'PATCH').offset > 0)
})

test('another file of the same name, size and time is noticed', async () => {
  const source = sources.make('forged.bin', 40 * MiB)
  const time = new Date('2026-01-01T00:00:00Z')
  utimesSync(source, time, time)
  await interrupt(source)
  sources.make('forged.bin', 40 * MiB)
  utimesSync(source, time, time)
  const patches = proxy.count('PATCH')
  await choose(source)
  await says('not the same as when the upload began')
  assert.equal(proxy.count('PATCH'), patches)
})

test('a server that is killed in the middle', async () => {
  const source = sources.make('kill.bin', 60 * MiB)
  proxy.limit = 20 * MiB
  await choose(source)
  await page.waitForFunction(() => document.querySelector('.row progress')?.value >= 40)
  await server.kill()
  await says('Trying again')
  proxy.limit = 0
  await server.start()
  await says('1 file uploaded')
  await arrived('kill.bin', source)
  assert.equal(proxy.count('POST'), 1)
})

test('small files and strange names arrive', async () => {
  const names = ['قائمة.txt', 'הטיול 😀.txt', 'a b & c.txt']
  const paths = names.map((name) => sources.make(name, 5_000))
  await choose(...paths)
  await says('3 files uploaded')
  for (const [i, name] of names.entries()) await arrived(name, paths[i])
})
