// Sends FILE to ENDPOINT by tus-js-client as web/package.json pins it, in one
// request, and ends when all is there: node tusjs.mjs FILE ENDPOINT
import { createReadStream, statSync } from 'node:fs'
import { createRequire } from 'node:module'

const tus = createRequire(new URL('../../../web/package.json', import.meta.url))('tus-js-client')
const [path, endpoint] = process.argv.slice(2)

const upload = new tus.Upload(createReadStream(path), {
  endpoint,
  uploadSize: statSync(path).size,
  metadata: { filename: 'large.bin' },
  retryDelays: null,
  onError(error) {
    console.error(String(error))
    process.exitCode = 1
  },
})
upload.start()
