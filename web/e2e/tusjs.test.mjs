import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import * as tus from 'tus-js-client'
import { launch } from './browser.mjs'
import { Server } from './server.mjs'

// tus-js-client as it is released, in Node and in Chromium, with each of its ways to upload.

const size = 3 * (1 << 20) + 17

/**
 * Uploads one file in one way, and resolves with its URL. It runs in Node and in the browser, so
 * it knows nothing but its arguments.
 */
async function upload({ tus, content, endpoint, name, options, stopAt, terminate }) {
  const run = (more) =>
    new Promise((resolve, reject) => {
      const upload = new tus.Upload(content, {
        endpoint,
        metadata: { filename: name },
        retryDelays: null,
        ...options,
        ...more,
        onSuccess: () => resolve(upload.url),
        onError: reject,
        onChunkComplete: async (_, sent) => {
          if (!stopAt || more.uploadUrl || sent < stopAt) return
          await upload.abort(terminate)
          resolve(upload.url)
        },
      })
      upload.start()
    })
  const url = await run({})
  return stopAt && !terminate ? run({ uploadUrl: url }) : url
}

const chunked = { chunkSize: 1 << 20 }
const ways = {
  single: {},
  chunked: { options: chunked },
  'with its creation': { options: { uploadDataDuringCreation: true } },
  'with its creation, chunked': { options: { uploadDataDuringCreation: true, ...chunked } },
  parallel: { options: { parallelUploads: 3 } },
  override: { options: { overridePatchMethod: true, ...chunked } },
  resumed: { options: chunked, stopAt: 1 << 20 },
  terminated: { options: chunked, stopAt: 1 << 20, terminate: true },
}

let server
let browser

before(async () => {
  server = await Server.start()
  browser = await launch()
})

after(async () => {
  await browser.close()
  await server.stop()
})

const content = Buffer.alloc(size, (n) => n).map((_, i) => (i * 2654435761) >>> 13)

/** Checks what became of the upload: gone where it was terminated, else the file under its name. */
async function check(url, name, way) {
  const answer = await fetch(new URL(url, server.url))
  if (way.terminate) {
    assert.equal(answer.status, 404)
    return
  }
  assert.equal(answer.status, 200)
  assert.ok(Buffer.from(await answer.arrayBuffer()).equals(content), `${name} differs`)
  if (!way.options?.parallelUploads) assert.ok(readFileSync(server.file(name)).equals(content))
}

for (const [title, way] of Object.entries(ways)) {
  test(`in Node: ${title}`, async () => {
    const name = `node ${title}.bin`
    const url = await upload({ tus, content, endpoint: server.url + 'files/', name, ...way })
    await check(url, name, way)
  })
}

test('in Node: deferred', async () => {
  const { Readable } = await import('node:stream')
  const options = { uploadLengthDeferred: true, ...chunked }
  const url = await upload({
    tus, content: Readable.from([content]), endpoint: server.url + 'files/', name: 'node deferred.bin', options,
  })
  await check(url, 'node deferred.bin', {})
})

for (const [title, way] of Object.entries({ ...ways, deferred: { options: { uploadLengthDeferred: true, ...chunked } } })) {
  test(`in Chromium: ${title}`, async () => {
    const context = await browser.newContext({ bypassCSP: true })
    try {
      const page = await context.newPage()
      await page.goto(server.url)
      await page.addScriptTag({ path: createRequire(import.meta.url).resolve('tus-js-client').replace(/lib\..*/, 'dist/tus.min.js') })
      const name = `chromium ${title}.bin`
      const url = await page.evaluate(
        async ({ source, base64, deferred, way }) => {
          const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))
          const upload = new Function(`return (${source})`)()
          const content = deferred ? new Blob([bytes]).stream().getReader() : new Blob([bytes])
          return upload({ tus: window.tus, content, ...way })
        },
        {
          source: upload.toString(), base64: content.toString('base64'), deferred: title === 'deferred',
          way: { endpoint: server.url + 'files/', name, ...way },
        },
      )
      await check(url, name, way)
    } finally {
      await context.close()
    }
  })
}
