import type { Claims } from './claims.ts'
import { messages as m } from './messages.ts'
import type { Records } from './records.ts'
import { discard, held, isGone } from './server.ts'
import type { Left } from './upload.ts'

/** What is known about an interrupted upload. */
export type Standing =
  | { is: 'asking' | 'gone' | 'complete' | 'elsewhere' | 'unreachable' | 'unbegun' }
  | { is: 'stored'; bytes: number }
  | { is: 'kept'; why: string }

export interface Entry {
  left: Left
  standing: Standing
  /** Whether the server is to be asked. */
  due: boolean
}

const askAgainMs = 10_000

interface Surroundings {
  endpoint: string
  records: Records
  claims: Claims
  /** Uploads whose files the browser kept, and that do not go on by themselves. */
  shelved(): Left[]
  /** Drops the file of an upload that is forgotten. */
  forget(key: string): void
  /** Whether an upload of this page works on it: those are left alone. */
  owned(key: string): boolean
  changed(): void
}

/** The uploads that an earlier visit left unfinished, with what the server still holds of them. */
export class Interrupted {
  #entries: Entry[] = []
  readonly #around: Surroundings
  #timer: ReturnType<typeof setTimeout> | undefined
  #asking = false

  constructor(around: Surroundings) {
    this.#around = around
  }

  /** What to show, oldest first. */
  get entries(): Entry[] {
    return this.#entries.filter((e) => !this.#around.owned(e.left.key))
  }

  /** Everything left that no upload of this page works on. */
  left(): Left[] {
    const { endpoint, records, shelved, owned } = this.#around
    const begun = records.all(endpoint)
    const keys = new Set(begun.map(({ key }) => key))
    return [...begun, ...shelved().filter(({ key }) => !keys.has(key))].filter(({ key }) => !owned(key))
  }

  /**
   * Looks at the records again and asks the server about those whose standing is not known.
   * Called whenever uploads of this page or of another tab come or go.
   */
  refresh(): void {
    const known = new Map(this.entries.map((e) => [e.left.key, e]))
    this.#entries = this.left().map((left) => {
      const before = known.get(left.key)
      if (before) return Object.assign(before, { left })
      return left.url ? { left, standing: { is: 'asking' }, due: true } : { left, standing: { is: 'unbegun' }, due: false }
    })
    this.#around.changed()
    this.#askAgain()
  }

  /** Asks the server to delete the upload, then forgets it; not one that another tab sends. */
  async delete(entry: Entry): Promise<void> {
    const { key, url } = entry.left
    if (!(await this.#around.claims.claim(key))) {
      entry.standing = { is: 'elsewhere' }
      return this.#askAgain()
    }
    try {
      if (url) await discard(url)
      this.forget(entry)
    } catch {
      entry.standing = { is: 'kept', why: m.interrupted.notDeleted }
      this.#around.changed()
    } finally {
      this.#around.claims.release(key)
    }
  }

  forget(entry: Entry): void {
    const { key } = entry.left
    this.#around.records.remove(key)
    this.#around.forget(key)
    this.#entries = this.#entries.filter((e) => e.left.key !== key)
    this.#around.changed()
  }

  #askAgain(): void {
    for (const entry of this.#entries) entry.due ||= open(entry)
    if (!this.#asking) void this.#ask()
  }

  /** Asks about one upload after the other, until none is due. */
  async #ask(): Promise<void> {
    this.#asking = true
    clearTimeout(this.#timer)
    const elsewhere = await this.#around.claims.elsewhere()
    for (let entry; (entry = this.entries.find((e) => e.due)); this.#around.changed()) {
      entry.due = false
      const { key, url } = entry.left
      const standing: Standing = elsewhere.has(key) ? { is: 'elsewhere' } : await this.#standing(key, url!)
      entry.standing = standing
    }
    this.#asking = false
    if (this.entries.some(open)) this.#timer = setTimeout(() => this.#askAgain(), askAgainMs)
  }

  async #standing(key: string, url: string): Promise<Standing> {
    // Asking takes the upload over, so not one that this page began to send meanwhile.
    if (this.#around.owned(key)) return { is: 'asking' }
    try {
      const { offset, length } = await held(url, new AbortController().signal)
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
