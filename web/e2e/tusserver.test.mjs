import assert from 'node:assert/strict'
import { execFile, execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, test } from 'node:test'
import { Proxy } from './proxy.mjs'

// The command line against @tus/server as it is released: a server of others, which tells no
// digests and joins no parts.

const mebi = 1 << 20
const dir = mkdtempSync(join(tmpdir(), 'longhaul-tusserver-'))
const program = join(dir, 'longhaul')
let server
let proxy

/** Starts the server on the port, 0 for any, over the same directory each time. */
async function start(port) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'tusserver.mjs'), join(dir, 'data'), port], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface(child.stdout)) return { child, url: new URL(line) }
  throw new Error('the server ended before it listened')
}

async function kill() {
  const ended = new Promise((resolve) => server.child.once('exit', resolve))
  server.child.kill('SIGKILL')
  await ended
}

before(async () => {
  execFileSync('go', ['build', '-o', program, './client/cmd/longhaul'], { cwd: join(import.meta.dirname, '../..') })
  server = await start('0')
  proxy = await Proxy.start(server.url.origin)
})

after(async () => {
  await proxy.stop()
  await kill()
  rmSync(dir, { recursive: true, force: true })
})

/** Runs longhaul and resolves with {code, out, err}; input is its standard input. */
function longhaul(args, input = '') {
  return new Promise((resolve) => {
    const env = { ...process.env, XDG_STATE_HOME: join(dir, 'state') }
    const child = execFile(program, args, { cwd: dir, env, timeout: 30_000 }, (failure, out, err) => resolve({ code: failure?.code ?? 0, out, err }))
    child.stdin.end(input)
  })
}

/** Pushes to the server through the proxy, and resolves with the URL of the upload. */
async function push(args, input) {
  const { code, out, err } = await longhaul(['push', '--quiet', ...args, `${proxy.url}files/`], input)
  assert.equal(code, 0, err)
  return out.trim().split(' ').pop()
}

function file(name, size) {
  const content = Buffer.alloc(size).map((_, i) => (i * 2654435761) >>> 13)
  writeFileSync(join(dir, name), content)
  return content
}

/** Checks what the server has, and that pull brings it back. */
async function holds(url, content, readable = true) {
  assert.ok(readFileSync(join(dir, 'data', url.split('/').pop())).equals(content), 'the server has something else')
  if (!readable) return
  const { code, err } = await longhaul(['pull', '--quiet', '--force', '-o', 'back', url])
  assert.equal(code, 0, err)
  assert.ok(readFileSync(join(dir, 'back')).equals(content), 'something else came back')
}

for (const [name, size] of [['empty', 0], ['small', 1000], ['🎬 سلام.mov', 3 * mebi + 1], ['é'.repeat(127) + 'x', 5]]) {
  test(`push and pull: ${size} bytes`, async () => {
    const content = file(name, size)
    const url = await push([name])
    // This server answers 500 to GET where the filename is beyond Latin-1.
    await holds(url, content, !/[^\u0000-\u00ff]/.test(name))
    assert.equal(await push([name]), url, 'it is already there')
  })
}

test('over a link that is cut, to a server that is killed', async () => {
  const content = file('cut', 24 * mebi)
  proxy.limit = 16 * mebi
  const creations = proxy.count('POST')
  const pushed = push(['cut'])
  const passed = proxy.bytes('PATCH')
  for (const at of [5, 10, 15]) {
    while (proxy.bytes('PATCH') < passed + at * mebi) await new Promise((resolve) => setTimeout(resolve, 10))
    if (at === 10) {
      await kill()
      server = await start(server.url.port)
    } else {
      proxy.cut()
    }
  }
  const url = await pushed
  proxy.limit = 0
  assert.equal(proxy.count('POST'), creations + 1)
  assert.ok(proxy.bytes('PATCH') - passed < 36 * mebi, 'all was sent again')
  await holds(url, content)
})

test('standard input, of which nobody knows the length', async () => {
  const content = file('stream', 3 * mebi + 1)
  await holds(await push(['--meta', 'filename=stream', '-'], content), content)
})

test('a file that grows', async () => {
  file('log', 300_000)
  const url = await push(['--append', 'log'])
  appendFileSync(join(dir, 'log'), 'more')
  const before = proxy.bytes('PATCH')
  await push(['--append', 'log'])
  assert.equal(proxy.bytes('PATCH') - before, 4)
  assert.equal(await push(['--finish', 'log']), url)
  await holds(url, readFileSync(join(dir, 'log')))
})

test('what the server cannot do is said', async () => {
  const content = file('parts', 3 * mebi)
  const { code, out, err } = await longhaul(['push', '--parallel', '3', '--digest', 'sha-256', 'parts', `${proxy.url}files/`])
  assert.equal(code, 0, err)
  assert.match(err, /does not support concatenation/)
  assert.match(err, /does not tell the SHA-256/)
  const url = out.trim().split(' ').pop()
  await holds(url, content)
  const checked = await longhaul(['push', '--checksum', file('sum', 5) && 'sum', `${proxy.url}files/`])
  assert.equal(checked.code, 1)
  assert.match(checked.err, /does not support checksum/)
  assert.equal((await longhaul(['rm', url])).code, 0)
  assert.equal((await longhaul(['pull', url])).code, 1)
})
