import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach } from 'node:test'
import { launch, Tab } from './browser.mjs'
import { Sources, sha256 } from './files.mjs'
import { Proxy } from './proxy.mjs'
import { Server } from './server.mjs'

export const MiB = 1 << 20

/**
 * What every test finds ready, made anew for each: a server, a proxy before it, a browser
 * context, a place for source files. After each test the page must have had no errors.
 */
class Stage {
  browser
  server
  proxy
  context
  sources
  #tabs

  /** flags are those of the server. */
  async rise(...flags) {
    this.server = await Server.start(...flags)
    this.proxy = await Proxy.start(this.server.url)
    this.context = await this.browser.newContext({ reducedMotion: 'reduce' })
    this.sources = new Sources()
    this.#tabs = []
  }

  async fall() {
    const errors = this.#tabs.flatMap((tab) => tab.errors)
    await this.context.close()
    await this.proxy.stop()
    await this.server.stop()
    this.sources.remove()
    assert.deepEqual(errors, [], 'errors on the page')
  }

  /** Begins anew with a server that has other settings. */
  async serve(...flags) {
    await this.fall()
    await this.rise(...flags)
  }

  /** Opens the page straight from the server. */
  direct() {
    return this.open(this.server.url)
  }

  /** Opens the page through the proxy. */
  proxied() {
    return this.open(this.proxy.url)
  }

  async open(url) {
    const tab = await Tab.open(this.context, url)
    this.#tabs.push(tab)
    return tab
  }

  /** Makes the browser another one, e.g. of another locale. */
  async become(options) {
    await this.context.close()
    this.context = await this.browser.newContext({ ...options, reducedMotion: 'reduce' })
  }

  /** Checks that the server published exactly this file under its name. */
  async arrived(name, source) {
    assert.equal(await sha256(this.server.file(name)), await sha256(source), `${name} differs`)
  }

  /** Leaves an upload through the proxy interrupted at about half by a reload. */
  async interrupt(tab, source, name) {
    this.proxy.limit = 20 * MiB
    await tab.choose(source)
    await tab.reaches(name, 50)
    await tab.page.reload()
    this.proxy.limit = 0
    await tab.page.getByText('are on the server').waitFor()
  }
}

/** Registers the hooks of a test file and returns its stage. */
export function setUp() {
  const stage = new Stage()
  before(async () => {
    stage.browser = await launch()
  })
  after(() => stage.browser.close())
  beforeEach(() => stage.rise())
  afterEach(() => stage.fall())
  return stage
}
