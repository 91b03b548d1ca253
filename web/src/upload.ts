import { attempt } from './attempt.ts'
import { backoff } from './backoff.ts'
import type { Cap } from './cap.ts'
import { type Chosen, fingerprint } from './chosen.ts'
import type { Claims } from './claims.ts'
import { sha256In } from './digest.ts'
import { ArrivedMixed, ArrivedOther, FileChanged, InOtherTab, OtherContent, Unproven, Unreachable } from './errors.ts'
import { partOf } from './format.ts'
import type { History } from './history.ts'
import { messages as m } from './messages.ts'
import { prefixDigest, readable } from './prefix.ts'
import { Rate } from './rate.ts'
import type { Records } from './records.ts'
import { discard, held } from './server.ts'
import type { Shelf } from './shelf.ts'
import { type Failure, type Trouble, judge } from './trouble.ts'
import { verify } from './verify.ts'

/** What an upload is doing now. */
export type State =
  | { is: 'waiting' | 'uploading' | 'finishing' | 'paused' | 'offline' | 'cancelling' }
  | { is: 'checking' | 'verifying'; checked: number }
  | { is: 'done'; verified: boolean }
  | { is: 'retrying'; at: number; why: string }
  | { is: 'failed'; failure: Failure }

/** What every upload of the page shares. */
export interface Surroundings {
  endpoint: string
  records: Records
  /** What a proxy lets through, learnt by one upload for all. */
  cap: Cap
  claims: Claims
  history: History
  /** Null where the browser gives no handles. */
  shelf: Shelf | null
  /** What no upload of this page works on. */
  left(): Left[]
  changed(upload: Upload): void
  /** All of the upload arrived. */
  done(upload: Upload): void
  /** Uploads were put on the list or taken off it. */
  listed(): void
}

/** An upload that an earlier visit, or a row that was removed, left behind. */
export interface Left {
  key: string
  path: string
  size: number
  modified: number
  /** Null if it had not begun. */
  url: string | null
}

let count = 0

/** Unique, and in the order in which files are chosen. */
function newKey(): string {
  return `${Date.now()}-${String(count).padStart(6, '0')}-${Math.random().toString(36).slice(2)}`
}

/** One file on its way to the server: it knows how far it is, and goes on until it is there. */
export class Upload {
  readonly id = ++count
  file: File
  readonly path: string
  /** The file's fingerprint. */
  readonly print: string
  /** Names the record of this upload; a copy of a file in the list has one of its own. */
  readonly key: string
  state: State = { is: 'waiting' }
  /** Where the upload lives, null before it is created. */
  url: string | null = null
  /** Bytes that the server acknowledged. */
  stored = 0
  /** Bytes that left the browser or that the server holds. Never falls but to the server's word. */
  sent = 0
  /** Something worth knowing about how it began. */
  note = ''
  /** Whether the browser opens the file again after a reload, so that leaving loses nothing. */
  kept = false
  readonly rate = new Rate()
  /** Grows with every change, so that an unchanged row need not be drawn again. */
  version = 0

  readonly #around: Surroundings
  /** Whether the bytes at the server are known to come from this very file. */
  #proven = true
  #stopped = true
  #tries = 0
  #movedAt = 0
  /** Whether bytes went out since the last error. */
  #flowed = false
  #cut = new AbortController()
  #wake: () => void = () => {}

  constructor({ file, path }: Chosen, around: Surroundings, left?: Left) {
    this.file = file
    this.path = path
    this.print = fingerprint(around.endpoint, path, file.size, file.lastModified)
    this.key = left?.key ?? newKey()
    this.#around = around
    if (left?.url) {
      this.url = left.url
      this.#proven = false
    }
  }

  /**
   * Takes the same file, chosen once more: the browser may refuse to read the one it was given
   * first, e.g. since a drive was pulled out. What was sent is compared again.
   */
  replace(file: File): void {
    this.file = file
    this.#proven = this.url === null
  }

  /** Whether leaving the page would break something off. */
  get busy(): boolean {
    const idle: State['is'][] = ['paused', 'done', 'failed']
    return !idle.includes(this.state.is)
  }

  /** Whether all arrived of a file that changed meanwhile, of which this may be the same content. */
  mayBe({ file, path }: Chosen): boolean {
    const touched = this.state.is === 'failed' && this.state.failure.offer === 'delete'
    return touched && this.path === path && this.file.size === file.size
  }

  /** Whether bytes may be flowing for this upload. */
  get running(): boolean {
    return !this.#stopped
  }

  set(state: State): void {
    this.state = state
    this.changed()
  }

  changed(): void {
    this.version++
    this.#around.changed(this)
  }

  /** Sends the file, however often that takes. Settles when it is done, failed or stopped. */
  async run(): Promise<void> {
    this.#stopped = false
    this.#tries = 0
    this.rate.reset()
    while (!this.#stopped) {
      this.#cut = new AbortController()
      try {
        await this.#once(this.#cut.signal)
        break
      } catch (error) {
        if (!this.#stopped) await this.#recover(error)
      }
    }
    this.#stopped = true
    this.#around.claims.release(this.key)
    this.changed()
  }

  /** Breaks off. What the server acknowledged stays there. */
  stop(state: State): void {
    this.#stopped = true
    this.set(state)
    this.#cut.abort(new Unreachable('stopped'))
    this.#wake()
  }

  /** The network is back: try at once, and do not wait for a connection that died with the old one. */
  online(): void {
    this.#tries = 0
    this.#wake()
    if (this.#silent && this.running) this.#cut.abort(new Unreachable('the network changed'))
  }

  /** Says so when the network went away while waiting for the next try. */
  offline(): void {
    if (this.state.is === 'retrying') this.set({ is: 'offline' })
  }

  /** Called every second while it runs: the words may have to change though nothing happens. */
  tick(): void {
    const flowing = this.state.is === 'uploading' || this.state.is === 'finishing'
    if (flowing && this.#silent && !navigator.onLine) this.state = { is: 'offline' }
    this.changed()
  }

  /** Asks how much the server holds, for an upload that stands still. */
  async learn(): Promise<void> {
    if (!this.url) return
    try {
      const { offset } = await held(this.url, new AbortController().signal)
      if (!this.running) this.#acknowledged(offset)
    } catch {
      // The count of sent bytes stays the best that is known.
    }
  }

  /** Deletes what the server holds and forgets the upload. Throws InOtherTab, Refused or Unreachable. */
  async discard(): Promise<void> {
    await this.#claim()
    try {
      if (this.url) await discard(this.url)
      this.forget()
    } finally {
      this.#around.claims.release(this.key)
    }
  }

  /** Forgets the upload at the server; the next run creates a new one. */
  forget(): void {
    this.#around.records.remove(this.key)
    this.url = null
    this.stored = this.sent = 0
    this.#proven = true
  }

  get #silent(): boolean {
    return performance.now() - this.#movedAt > 2_000
  }

  async #once(signal: AbortSignal): Promise<void> {
    await this.#claim()
    signal.throwIfAborted()
    if (this.url && !this.#proven) await this.#prove(this.url, signal)
    signal.throwIfAborted()
    this.set({ is: 'uploading' })
    const digests = await attempt({
      file: this.file,
      path: this.path,
      endpoint: this.#around.endpoint,
      url: this.url,
      most: this.#around.cap.bytes,
      signal,
      created: (url) => this.#created(url),
      acknowledged: (bytes) => this.#acknowledged(bytes),
      sent: (bytes) => this.#advance(bytes),
    })
    if (!(await readable(this.file))) throw new ArrivedMixed()
    this.stored = this.sent = this.file.size
    const verified = await verify(this.file, sha256In(digests), signal, (checked) => this.set({ is: 'verifying', checked }))
    this.#around.records.remove(this.key)
    void this.#around.shelf?.drop(this.key)
    void this.#around.history.add(this.url!, this.path, this.file.size)
    this.set({ is: 'done', verified })
    this.#around.done(this)
  }

  /** Makes sure that no other tab sends the upload: it may have gone on with it while this one rested. */
  async #claim(): Promise<void> {
    if (this.url && !(await this.#around.claims.claim(this.key))) throw new InOtherTab()
  }

  /** Makes sure that the server holds a prefix of this file before anything is appended. */
  async #prove(url: string, signal: AbortSignal): Promise<void> {
    this.set({ is: 'checking', checked: 0 })
    const { offset, length, digest } = await held(url, signal)
    if (length !== this.file.size) throw new OtherContent()
    this.#acknowledged(offset)
    if (offset > 0) {
      if (digest === null) throw new Unproven()
      if (digest !== (await this.#digest(offset, signal))) throw new OtherContent()
    }
    this.#proven = true
    if (offset > 0) this.note = m.note.continued(partOf(offset, length))
  }

  async #digest(length: number, signal: AbortSignal): Promise<number> {
    try {
      return await prefixDigest(this.file, length, signal, (checked) => {
        if (!signal.aborted) this.set({ is: 'checking', checked })
      })
    } catch (error) {
      throw signal.aborted ? error : new FileChanged()
    }
  }

  #created(url: string): void {
    this.url = url
    // A small file arrives with its creation: there is nothing to come back to.
    if (this.stored === this.file.size) return
    this.#around.claims.hold(this.key)
    this.#around.records.put({
      key: this.key,
      url,
      endpoint: this.#around.endpoint,
      path: this.path,
      size: this.file.size,
      modified: this.file.lastModified,
      started: Date.now(),
    })
  }

  #acknowledged(bytes: number): void {
    if (bytes > this.stored) this.#tries = 0
    this.stored = this.sent = bytes
    this.changed()
  }

  #advance(bytes: number): void {
    this.#movedAt = performance.now()
    this.#flowed ||= bytes > this.stored
    this.sent = Math.max(this.sent, bytes)
    this.rate.note(this.sent, this.#movedAt)
    if (this.state.is === 'offline') this.state = { is: 'uploading' }
    if (this.sent === this.file.size && this.state.is === 'uploading') this.state = { is: 'finishing' }
    this.changed()
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#around.cap.lower(error)) return
    const trouble = judge(await this.#seen(error), this.url !== null)
    if (this.#stopped) return
    if (this.#flowed && error instanceof Unreachable) this.#tries = 0
    this.#flowed = false
    this.rate.reset()
    if (trouble.then === 'fail') return this.stop({ is: 'failed', failure: trouble.failure })
    if (trouble.then === 'start over') {
      this.forget()
      this.note = m.note.expired
    }
    // Starting over is immediate once; a server that forgets again and again is not hurried.
    if (trouble.then === 'retry' || this.#tries > 0) await this.#rest(trouble)
    this.#tries++
  }

  /** A broken connection may be the browser's way of saying that the file is another now. */
  async #seen(error: unknown): Promise<unknown> {
    if (error instanceof ArrivedMixed || error instanceof ArrivedOther || (await readable(this.file))) return error
    return new FileChanged()
  }

  /** Waits for the next try; online and stop cut the wait short. */
  async #rest(trouble: Trouble): Promise<void> {
    const retry = trouble.then === 'retry' ? trouble : { why: m.why.unreachable, wait: 0 }
    const delay = backoff(this.#tries, retry.wait)
    this.set(navigator.onLine ? { is: 'retrying', at: Date.now() + delay, why: retry.why } : { is: 'offline' })
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      setTimeout(resolve, delay)
    })
  }
}
