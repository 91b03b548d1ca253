import type { Announcer } from './announcer.ts'
import { InOtherTab } from './errors.ts'
import { fingerprint, pathOf } from './fingerprint.ts'
import { messages as m } from './messages.ts'
import type { Record } from './records.ts'
import { duplicate } from './trouble.ts'
import { type Surroundings, Upload } from './upload.ts'

// Browsers open six connections to a host; two stay free for questions and for the page itself.
const most = 4

// To ask a file for its size and date may block the browser; so long at a stretch nobody notices.
const stretchMs = 30

/** The uploads of this page in the order they were chosen; at most four run at a time. */
export class Queue {
  readonly uploads: Upload[] = []
  readonly #around: Surroundings
  readonly #announcer: Announcer
  readonly #running = new Map<Upload, Promise<void>>()

  constructor(around: Surroundings, announcer: Announcer) {
    this.#around = around
    this.#announcer = announcer
  }

  /** Takes files in and starts at once. Thousands are taken bit by bit, so that the page goes on. */
  async add(files: File[]): Promise<void> {
    const { endpoint, records } = this.#around
    const known = records.all(endpoint)
    let since = performance.now()
    for (const file of files) {
      this.#take(file, known)
      if (performance.now() - since < stretchMs) continue
      this.#pump()
      await new Promise((resolve) => setTimeout(resolve))
      since = performance.now()
    }
    this.#around.listed()
    this.#pump()
  }

  pause(upload: Upload): void {
    upload.stop({ is: 'paused' })
    void this.#settled(upload).then(() => {
      if (upload.state.is === 'paused') void upload.learn()
    })
  }

  /** Goes on with a paused or failed upload. */
  resume(upload: Upload): void {
    upload.set({ is: 'waiting' })
    this.#pump()
  }

  /** Drops what the server holds, then sends the file from its first byte. */
  async restart(upload: Upload): Promise<void> {
    upload.set({ is: 'cancelling' })
    await upload.discard().catch((error) => {
      // What cannot be deleted now expires by itself; what another tab sends stays that tab's.
      if (!(error instanceof InOtherTab)) upload.forget()
    })
    this.resume(upload)
  }

  /** Stops an upload for good and asks the server to delete it. */
  async cancel(upload: Upload): Promise<void> {
    upload.stop({ is: 'cancelling' })
    await this.#settled(upload)
    // If the server cannot be asked, the record stays and the page lists the upload as interrupted.
    await upload.discard().catch(() => {})
    this.remove(upload)
  }

  /** Takes an upload off the list. What the server holds stays, and the page lists it as interrupted. */
  remove(upload: Upload): void {
    const at = this.uploads.indexOf(upload)
    if (at >= 0) this.uploads.splice(at, 1)
    this.#around.listed()
  }

  clearDone(): void {
    const left = this.uploads.filter((u) => u.state.is !== 'done')
    this.uploads.splice(0, this.uploads.length, ...left)
    this.#around.listed()
  }

  /** Whether an upload of this page owns the record. */
  owns(record: Record): boolean {
    return this.uploads.some((u) => u.key === record.key)
  }

  /** The uploads that this page sends now. */
  sending(): string[] {
    return this.uploads.filter((u) => u.url && u.running).map((u) => u.url!)
  }

  #take(file: File, known: Record[]): void {
    const { endpoint } = this.#around
    const path = pathOf(file)
    const print = fingerprint(endpoint, path, file.size, file.lastModified)
    const twin = this.uploads.find((u) => u.state.is !== 'done' && (u.print === print || u.mayBe(file)))
    if (twin && !twin.busy) {
      twin.replace(file)
      return this.resume(twin)
    }
    const left = known.filter((r) => r.path === path && !this.owns(r))
    const record = left.find((r) => fingerprint(r.endpoint, r.path, r.size, r.modified) === print)
    const upload = new Upload(file, print, this.#around, twin ? undefined : record)
    if (twin) upload.state = { is: 'failed', failure: duplicate }
    else if (!record && left.length > 0) upload.note = m.note.different
    this.uploads.push(upload)
    upload.changed()
    this.#announcer.note(twin ? 'failed' : 'added', file.name)
  }

  #pump(): void {
    for (const upload of this.uploads) {
      if (this.#running.size >= most) return
      if (upload.state.is !== 'waiting' || this.#running.has(upload)) continue
      this.#running.set(upload, upload.run().then(() => this.#ended(upload)))
    }
  }

  #ended(upload: Upload): void {
    this.#running.delete(upload)
    const { is } = upload.state
    if (is === 'done' || is === 'failed') this.#announcer.note(is, upload.file.name)
    this.#pump()
  }

  /** Resolves when nothing runs for the upload any more. */
  async #settled(upload: Upload): Promise<void> {
    await this.#running.get(upload)
  }
}
