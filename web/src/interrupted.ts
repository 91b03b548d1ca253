import { messages as m } from './messages.ts'
import type { Record, Records } from './records.ts'
import { discard, held, isGone } from './server.ts'

/** What is known about an interrupted upload. */
export type Standing =
  | { is: 'asking' | 'gone' | 'complete' | 'elsewhere' | 'unreachable' }
  | { is: 'stored'; bytes: number }
  | { is: 'kept'; why: string }

export interface Entry {
  record: Record
  standing: Standing
  /** Whether the server is to be asked. */
  due: boolean
}

const askAgainMs = 10_000

/** The uploads that an earlier visit left unfinished, with what the server still holds of them. */
export class Interrupted {
  #entries: Entry[] = []
  readonly #endpoint: string
  readonly #records: Records
  readonly #elsewhere: () => Promise<Set<string>>
  readonly #owned: (record: Record) => boolean
  readonly #changed: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false

  /** owned tells the records that uploads of this page work on: those are left alone. */
  constructor(
    endpoint: string,
    records: Records,
    elsewhere: () => Promise<Set<string>>,
    owned: (record: Record) => boolean,
    changed: () => void,
  ) {
    this.#endpoint = endpoint
    this.#records = records
    this.#elsewhere = elsewhere
    this.#owned = owned
    this.#changed = changed
  }

  /** What to show, oldest first. */
  get entries(): Entry[] {
    return this.#entries.filter((e) => !this.#owned(e.record))
  }

  /**
   * Looks at the records again and asks the server about those whose standing is not known.
   * Called whenever uploads of this page or of another tab come or go.
   */
  refresh(): void {
    const known = new Map(this.entries.map((e) => [e.record.key, e]))
    this.#entries = this.#records
      .all(this.#endpoint)
      .map((record) => known.get(record.key) ?? { record, standing: { is: 'asking' }, due: true })
    this.#changed()
    this.#askAgain()
  }

  /** Asks the server to delete the upload, then forgets it; not one that another tab sends. */
  async delete(entry: Entry): Promise<void> {
    if ((await this.#elsewhere()).has(entry.record.url)) {
      entry.standing = { is: 'elsewhere' }
      return this.#askAgain()
    }
    try {
      await discard(entry.record.url)
      this.forget(entry)
    } catch {
      entry.standing = { is: 'kept', why: m.interrupted.notDeleted }
      this.#changed()
    }
  }

  forget(entry: Entry): void {
    this.#records.remove(entry.record.key)
    this.#entries = this.#entries.filter((e) => e !== entry)
    this.#changed()
  }

  #askAgain(): void {
    for (const entry of this.#entries) entry.due ||= open(entry)
    if (!this.#asking) void this.#ask()
  }

  /** Asks about one upload after the other, until none is due. */
  async #ask(): Promise<void> {
    this.#asking = true
    clearTimeout(this.#timer)
    const elsewhere = await this.#elsewhere()
    for (let entry; (entry = this.entries.find((e) => e.due)); this.#changed()) {
      entry.due = false
      entry.standing = elsewhere.has(entry.record.url) ? { is: 'elsewhere' } : await this.#standing(entry.record)
    }
    this.#asking = false
    if (this.entries.some(open)) this.#timer = setTimeout(() => this.#askAgain(), askAgainMs)
  }

  async #standing(record: Record): Promise<Standing> {
    // Asking takes the upload over, so not one that this page began to send meanwhile.
    if (this.#owned(record)) return { is: 'asking' }
    try {
      const { offset, length } = await held(record.url, new AbortController().signal)
      return offset === length ? { is: 'complete' } : { is: 'stored', bytes: offset }
    } catch (error) {
      return { is: isGone(error) ? 'gone' : 'unreachable' }
    }
  }
}

/** Whether the answer may be another one later. */
function open(entry: Entry): boolean {
  return ['asking', 'elsewhere', 'unreachable'].includes(entry.standing.is)
}
