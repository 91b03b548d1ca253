import { Refused } from './errors.ts'
import type { History, Sent } from './history.ts'
import { discard, touch } from './server.ts'

/** What the server says about a file that was sent. */
export type Standing = 'asking' | 'there' | 'gone' | 'moved' | 'unreachable' | 'deleted' | 'kept'

export interface Row {
  sent: Sent
  standing: Standing
  /** Deletes at the server when the time to undo is over. */
  timer?: ReturnType<typeof setTimeout>
}

const step = 20
// Long enough to read the row and find the button.
const undoMs = 8_000

/** The files of the history that are on the screen, with what the server says about each. */
export class Shown {
  rows: Row[] = []
  #hidden: Sent[] = []
  readonly #history: History
  readonly #changed: () => void

  constructor(history: History, changed: () => void) {
    this.#history = history
    this.#changed = changed
  }

  /** Whether there are more than are shown. */
  get more(): boolean {
    return this.#hidden.length > 0
  }

  /** Shows the newest; returns what ends it. What was deleted until then is deleted at once. */
  start(): () => void {
    const settle = () => this.#settle()
    addEventListener('pagehide', settle)
    void this.#history.all().then((all) => {
      this.#hidden = all
      this.showMore()
    })
    return () => {
      removeEventListener('pagehide', settle)
      settle()
    }
  }

  showMore(): void {
    const rows = this.#hidden.splice(0, step).map((sent): Row => ({ sent, standing: 'asking' }))
    this.rows = [...this.rows, ...rows]
    this.#changed()
    void this.#ask(rows)
  }

  delete(row: Row): void {
    row.standing = 'deleted'
    row.timer = setTimeout(() => void this.#discard(row), undoMs)
    this.#changed()
  }

  undo(row: Row): void {
    clearTimeout(row.timer)
    row.standing = 'there'
    this.#changed()
  }

  forget(row: Row): void {
    this.rows = this.rows.filter((r) => r !== row)
    void this.#history.remove(row.sent.url)
    this.#changed()
  }

  async #ask(rows: Row[]): Promise<void> {
    for (const row of rows) {
      row.standing = await standingOf(row.sent.url)
      this.#changed()
    }
  }

  async #discard(row: Row): Promise<void> {
    clearTimeout(row.timer)
    try {
      await discard(row.sent.url)
      this.forget(row)
    } catch {
      row.standing = 'kept'
      this.#changed()
    }
  }

  /** Nobody can undo any more: deletes what is due. */
  #settle(): void {
    for (const row of this.rows) if (row.standing === 'deleted') void this.#discard(row)
  }
}

async function standingOf(url: string): Promise<Standing> {
  try {
    await touch(url, new AbortController().signal)
    return 'there'
  } catch (error) {
    if (!(error instanceof Refused && error.fromServer)) return 'unreachable'
    return error.status === 404 ? 'gone' : error.status === 410 ? 'moved' : 'unreachable'
  }
}
