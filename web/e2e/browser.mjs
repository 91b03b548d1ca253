import { chromium } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A name that is this machine, but no secure context as localhost is.
  '--host-resolver-rules=MAP longhaul.example 127.0.0.1',
]

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'

export function launch() {
  return chromium.launch({ executablePath, args: flags })
}

/** A browser on a profile of its own on disk, as its only context. */
export function launchProfile(dir) {
  return chromium.launchPersistentContext(dir, { executablePath, args: flags, reducedMotion: 'reduce' })
}

/** A tab that notes its requests to the endpoint and everything that went wrong on it. */
export class Tab {
  page
  cdp
  /** Requests to the endpoint as {method, url, offset}. */
  requests = []
  /** Errors of scripts and of the policy. Failed requests are none: breaking them is what tests do. */
  errors = []
  /** Kinds of the dialogs that the page showed; all were accepted. */
  dialogs = []
  /** Where files are dropped. */
  at = { x: 200, y: 200 }
  /** The hosts that the page may ask. */
  hosts = new Set()

  static async open(context, url) {
    const tab = new Tab()
    tab.page = await context.newPage()
    tab.page.setDefaultTimeout(20_000)
    tab.cdp = await context.newCDPSession(tab.page)
    tab.hosts.add(new URL(url).host)
    tab.#watch()
    await tab.page.goto(url)
    return tab
  }

  #watch() {
    const { page } = this
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url())
      if (protocol.startsWith('http') && !this.hosts.has(host)) this.errors.push(`a request to ${host}`)
      if (!request.url().includes('/files/')) return
      const offset = Number(request.headers()['upload-offset'] ?? -1)
      this.requests.push({ method: request.method(), url: request.url(), offset })
    })
    page.on('pageerror', (error) => this.errors.push(String(error)))
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) this.errors.push(text)
    })
    page.on('dialog', (dialog) => {
      this.dialogs.push(dialog.type())
      dialog.accept()
    })
  }

  /** How often the page asked this way. */
  count(method) {
    return this.requests.filter((request) => request.method === method).length
  }

  choose(...files) {
    return this.page.locator('input[type=file]').setInputFiles(files)
  }

  /** Drops files the way a user does: the browser makes the events and the transfer. */
  async drop(...files) {
    const data = { items: [], files, dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await this.cdp.send('Input.dispatchDragEvent', { type, ...this.at, data })
    }
  }

  /** Limits how fast bytes leave the browser; 0 lifts the limit. */
  async throttle(bytesPerSecond, offline = false) {
    await this.cdp.send('Network.enable')
    await this.cdp.send('Network.emulateNetworkConditions', {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond || -1,
    })
  }

  /** The row of a file, by its name. */
  row(name) {
    return this.page.locator('.row', { hasText: name })
  }

  /** The row of a file in one state. */
  in(state, name) {
    return this.page.locator(`.row.${state}`, { hasText: name })
  }

  /** A button of a row. */
  button(text, name) {
    return this.page.getByRole('button', { name: `${text}: ${name}`, exact: true })
  }

  /** Waits until at least this share of a file was sent. */
  async reaches(name, percent) {
    const bar = this.row(name).locator('progress')
    await this.page.waitForFunction(([bar, least]) => bar.value >= least, [await bar.elementHandle(), percent])
  }
}
