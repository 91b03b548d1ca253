import { Announcer } from './announcer.ts'
import { Awake } from './awake.ts'
import { browserBackup } from './backup.ts'
import type { Chosen } from './chosen.ts'
import { Cap } from './cap.ts'
import { browserClaims } from './claims.ts'
import { Comeback } from './comeback.ts'
import { perFrame } from './frames.ts'
import type { Skip } from './gather.ts'
import { History } from './history.ts'
import { Interrupted } from './interrupted.ts'
import { messages as m } from './messages.ts'
import { Queue } from './queue.ts'
import { Rate } from './rate.ts'
import { Records, browserStorage } from './records.ts'
import { browserShelf } from './shelf.ts'
import { type Totals, totalsOf } from './totals.ts'
import type { Upload } from './upload.ts'

// To ask a file for its size and date may block the browser; so long at a stretch nobody notices.
const stretchMs = 30

/** Everything behind the page: the parts in a flat list, and what the browser tells them. */
export class Page {
  readonly announcer: Announcer
  readonly queue: Queue
  readonly interrupted: Interrupted
  readonly comeback: Comeback
  readonly history: History
  /** Speed of all uploads together. */
  readonly rate = new Rate()
  totals: Totals = totalsOf([])
  /** Something to tell about the last drop, or nothing. */
  notice = ''
  /** Draws the page anew; set by whoever draws it. */
  draw: () => void = () => {}
  /** Is told of each file that arrived. */
  uploaded: (upload: Upload) => void = () => {}
  /** Is told what the tab's title should be. */
  title: (text: string) => void = () => {}

  readonly #awake = new Awake()
  readonly #changed = perFrame(() => this.#paint())
  #ticking: ReturnType<typeof setInterval> | undefined
  #warning = false

  constructor(endpoint: string) {
    const changed = this.#changed
    const common = { endpoint, cap: new Cap(), records: new Records(browserStorage(), browserBackup()), claims: browserClaims(), shelf: browserShelf(endpoint), changed }
    this.history = new History(endpoint, changed)
    const left = () => this.interrupted.left()
    this.announcer = new Announcer(changed)
    this.queue = new Queue({ ...common, history: this.history, left, listed: () => this.#listed(), done: (upload) => this.uploaded(upload) }, this.announcer)
    this.comeback = new Comeback(common.shelf, this.queue, left)
    this.interrupted = new Interrupted({
      ...common,
      shelved: () => this.comeback.left(),
      forget: (key) => this.comeback.forget(key),
      owned: (key) => this.queue.owns(key),
    })
    this.#listen()
    void this.#begin(common.records)
  }

  get offline(): boolean {
    return !navigator.onLine
  }

  tell(notice: string): void {
    this.notice = notice
    this.#changed()
  }

  /** Takes files in as they are found, so that a folder of thousands begins at once. */
  async take(find: (skip: Skip) => AsyncIterable<Chosen>): Promise<void> {
    const skipped: string[] = []
    let some: Chosen[] = []
    let count = 0
    let since = performance.now()
    for await (const chosen of find((path) => skipped.push(path))) {
      count = some.push(chosen) + count
      if (performance.now() - since < stretchMs) continue
      this.queue.add(some)
      some = []
      await new Promise((resolve) => setTimeout(resolve))
      since = performance.now()
    }
    this.queue.add(some)
    this.tell(skipped.length > 0 ? m.unreadable(skipped.slice(0, 3).join(', '), Math.max(0, skipped.length - 3)) : count === 0 ? m.nothingFound : '')
  }

  /** Finds what earlier visits left, and goes on with what can go on. */
  async #begin(records: Records): Promise<void> {
    await records.recover()
    await this.comeback.start()
    this.interrupted.refresh()
  }

  #listen(): void {
    addEventListener('online', () => this.#online())
    addEventListener('offline', () => this.#offline())
    addEventListener('storage', () => this.interrupted.refresh())
  }

  #listed(): void {
    this.comeback.yield()
    this.interrupted.refresh()
  }

  #online(): void {
    for (const upload of this.queue.uploads) upload.online()
    this.interrupted.refresh()
    this.announcer.say(m.live.online)
  }

  #offline(): void {
    for (const upload of this.queue.uploads) upload.offline()
    this.announcer.say(m.live.offline)
  }

  #paint(): void {
    this.totals = totalsOf(this.queue.uploads)
    this.rate.note(this.totals.sent, performance.now())
    this.#keepTicking(this.totals.busy > 0)
    this.#warn(this.totals.fragile > 0)
    this.#awake.want(this.totals.busy > 0)
    this.title(titleOf(this.totals))
    this.draw()
  }

  /** While something runs, counts down and lets a stalled speed sink once a second. */
  #keepTicking(busy: boolean): void {
    if (busy === (this.#ticking !== undefined)) return
    clearInterval(this.#ticking)
    this.#ticking = busy ? setInterval(() => this.#tick(), 1_000) : undefined
    this.rate.reset()
  }

  #tick(): void {
    for (const upload of this.queue.uploads) if (upload.running) upload.tick()
  }

  /** Warns before the page is left, as long as that would lose something. */
  #warn(fragile: boolean): void {
    if (fragile === this.#warning) return
    this.#warning = fragile
    if (fragile) addEventListener('beforeunload', warn)
    else removeEventListener('beforeunload', warn)
  }
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

function titleOf({ percent, busy, files, done }: Totals): string {
  if (percent === null) return m.name
  return busy === 0 && done === files ? m.titleDone : m.title(percent)
}
