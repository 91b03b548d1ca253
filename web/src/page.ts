import { Announcer } from './announcer.ts'
import { perFrame } from './frames.ts'
import { Interrupted } from './interrupted.ts'
import { messages as m } from './messages.ts'
import { Queue } from './queue.ts'
import { Rate } from './rate.ts'
import { Records, browserStorage } from './records.ts'
import { Tabs } from './tabs.ts'
import { type Totals, totalsOf } from './totals.ts'

/** Everything behind the page: the parts in a flat list, and what the browser tells them. */
export class Page {
  readonly announcer: Announcer
  readonly queue: Queue
  readonly interrupted: Interrupted
  /** Speed of all uploads together. */
  readonly rate = new Rate()
  totals: Totals = totalsOf([])
  /** Something to tell about the last drop, or nothing. */
  notice = ''
  /** Draws the page anew; set by whoever draws it. */
  draw: () => void = () => {}

  readonly #changed = perFrame(() => this.#paint())
  #ticking: ReturnType<typeof setInterval> | undefined

  constructor(endpoint: string) {
    const records = new Records(browserStorage())
    const tabs = new Tabs(() => this.queue.sending())
    this.announcer = new Announcer(this.#changed)
    this.queue = new Queue(
      {
        endpoint,
        records,
        elsewhere: () => tabs.sending(),
        changed: this.#changed,
        listed: () => this.interrupted.refresh(),
      },
      this.announcer,
    )
    this.interrupted = new Interrupted(
      endpoint,
      records,
      () => tabs.sending(),
      (record) => this.queue.owns(record),
      this.#changed,
    )
    this.#listen()
    this.interrupted.refresh()
  }

  get offline(): boolean {
    return !navigator.onLine
  }

  tell(notice: string): void {
    this.notice = notice
    this.#changed()
  }

  #listen(): void {
    addEventListener('online', () => this.#online())
    addEventListener('offline', () => this.#offline())
    addEventListener('storage', () => this.interrupted.refresh())
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
    document.title = titleOf(this.totals)
    this.draw()
  }

  /** While something runs, counts down and lets a stalled speed sink once a second. */
  #keepTicking(busy: boolean): void {
    if (busy === (this.#ticking !== undefined)) return
    clearInterval(this.#ticking)
    this.#ticking = busy ? setInterval(() => this.#tick(), 1_000) : undefined
    this.rate.reset()
    if (busy) addEventListener('beforeunload', warn)
    else removeEventListener('beforeunload', warn)
  }

  #tick(): void {
    for (const upload of this.queue.uploads) if (upload.running) upload.tick()
  }
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault()
}

function titleOf({ percent, busy, files, done }: Totals): string {
  if (percent === null) return m.name
  return busy === 0 && done === files ? m.titleDone : m.title(percent)
}
