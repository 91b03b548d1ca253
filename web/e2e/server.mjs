import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

let built = ''

/** The path of a longhauld: the one named by LONGHAULD, else one built here. */
function binary() {
  if (process.env.LONGHAULD) return process.env.LONGHAULD
  if (!built) {
    const dir = mkdtempSync(join(tmpdir(), 'longhauld-'))
    process.on('exit', () => rmSync(dir, { recursive: true, force: true }))
    built = join(dir, 'longhauld')
    execFileSync('go', ['build', '-o', built, './server/cmd/longhauld'], { cwd: join(import.meta.dirname, '../..') })
  }
  return built
}

/** A real longhauld over a data directory of its own, which can be killed and started again. */
export class Server {
  data = mkdtempSync(join(tmpdir(), 'longhaul-data-'))
  url = ''
  #flags
  #child = null

  static async start(...flags) {
    const server = new Server()
    server.#flags = flags
    await server.start('127.0.0.1:0')
    return server
  }

  /** Starts on the address, by default the one it had. */
  async start(address = new URL(this.url).host) {
    const flags = ['--listen', address, '--data', this.data, '--log-level', 'error', ...this.#flags]
    const child = spawn(binary(), flags, {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    for await (const line of createInterface(child.stdout)) {
      const found = /listening on (http:\/\/\S+)/.exec(line)
      if (!found) continue
      this.url = found[1].replace(/\/?$/, '/')
      child.stdout.resume()
      return
    }
    throw new Error('longhauld ended before it listened')
  }

  async kill() {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Where a finished file of this name is. */
  file(name) {
    return join(this.data, 'files', name)
  }

  async stop() {
    await this.kill()
    rmSync(this.data, { recursive: true, force: true })
  }
}
