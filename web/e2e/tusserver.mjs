import { createServer } from 'node:http'
import { FileStore } from '@tus/file-store'
import { Server } from '@tus/server'

// node tusserver.mjs DIRECTORY PORT runs @tus/server until it is killed, and prints its URL.

const [directory, port] = process.argv.slice(2)
const tus = new Server({ path: '/files', datastore: new FileStore({ directory }), relativeLocation: true })
const http = createServer((req, res) => tus.handle(req, res))
http.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}/files/`))
