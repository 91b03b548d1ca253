import type { Announcer } from './announcer.ts'
import { type Chosen, fingerprint } from './chosen.ts'
import { InOtherTab } from './errors.ts'
import { messages as m } from './messages.ts'
import type { Kept } from './shelf.ts'
import { duplicate } from './trouble.ts'
import { type Left, type Surroundings, Upload } from './upload.ts'

// Browsers open six connections to a host; two stay free for questions and for the page itself.
const most = 4

/** The uploads of this page in the order they were chosen; at most four run at a time. */
export class Queue {
  readonly uploads: Upload[] = []
  readonly #around: Surroundings
  readonly #keys = new Set<string>()
  /** The uploads of each path. */
  readonly #at = new Map<string, Upload[]>()
  readonly #announcer: Announcer
  readonly #running = new Map<Upload, Promise<void>>()

  constructor(around: Surroundings, announcer: Announcer) {
    this.#around = around
    this.#announcer = announcer
  }

  /** Takes files in and starts at once. */
  add(chosen: Chosen[]): void {
    const left = new Map<string, Left[]>()
    for (const l of this.#around.left()) left.set(l.path, [...(left.get(l.path) ?? []), l])
    const taken = chosen.map((c) => this.#take(c, left.get(c.path) ?? []))
    this.#keep(chosen.map(({ handle }, i) => ({ upload: taken[i]!, handle })))
    this.#around.listed()
    this.#pump()
  }

  /** Goes on with uploads of an earlier visit, whose files the browser opened again. */
  comeBack(found: { kept: Kept; file: File; left: Left }[]): void {
    for (const { kept, file, left } of found) {
      const upload = new Upload({ file, path: kept.path, handle: kept.handle }, this.#around, left)
      upload.kept = true
      this.#push(upload)
      if (kept.paused) this.pause(upload)
      else this.#announcer.note('added', file.name)
    }
    this.#around.listed()
    this.#pump()
  }

  pause(upload: Upload): void {
    upload.stop({ is: 'paused' })
    if (upload.kept) void this.#around.shelf?.pause(upload.key, true)
    void this.#settled(upload).then(() => {
      if (upload.state.is === 'paused') void upload.learn()
    })
  }

  /** Goes on with a paused or failed upload. */
  resume(upload: Upload): void {
    if (upload.kept && upload.state.is === 'paused') void this.#around.shelf?.pause(upload.key, false)
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
    this.#strike(upload)
    void this.#around.shelf?.drop(upload.key)
    this.#around.listed()
  }

  clearDone(): void {
    const all = this.uploads.splice(0)
    for (const upload of all) {
      if (upload.state.is === 'done') this.#strike(upload)
      else this.uploads.push(upload)
    }
    this.#around.listed()
  }

  /** Whether an upload of this page works on what the key names. */
  owns(key: string): boolean {
    return this.#keys.has(key)
  }

  #take(chosen: Chosen, left: Left[]): Upload {
    const { file, path } = chosen
    const print = fingerprint(this.#around.endpoint, path, file.size, file.lastModified)
    const twin = this.#at.get(path)?.find((u) => u.state.is !== 'done' && (u.print === print || u.mayBe(chosen)))
    if (twin && !twin.busy) {
      twin.replace(file)
      this.resume(twin)
      return twin
    }
    const open = left.filter(({ key }) => !this.owns(key))
    const same = open.find((l) => fingerprint(this.#around.endpoint, l.path, l.size, l.modified) === print)
    const upload = new Upload(chosen, this.#around, twin ? undefined : same)
    if (twin) upload.state = { is: 'failed', failure: duplicate() }
    else if (!same && open.length > 0) upload.note = m.note.different
    else if (!same && this.#around.history.knows(path)) upload.note = m.note.sameName
    this.#push(upload)
    this.#announcer.note(twin ? 'failed' : 'added', file.name)
    return upload
  }

  #push(upload: Upload): void {
    this.uploads.push(upload)
    this.#keys.add(upload.key)
    this.#at.set(upload.path, [...(this.#at.get(upload.path) ?? []), upload])
    upload.changed()
  }

  #strike(upload: Upload): void {
    this.#keys.delete(upload.key)
    this.#at.set(upload.path, this.#at.get(upload.path)!.filter((u) => u !== upload))
  }

  /** Lets the browser keep the files for a later visit, where it gave handles. */
  #keep(chosen: { upload: Upload; handle: FileSystemFileHandle | null }[]): void {
    const files = chosen.flatMap(({ upload, handle }) => {
      const { key, path, file } = upload
      const wanted = handle && upload.state.is !== 'failed'
      return wanted ? [{ upload, kept: { key, path, size: file.size, modified: file.lastModified, handle } }] : []
    })
    if (files.length === 0) return
    void this.#around.shelf?.keep(files.map(({ kept }) => kept)).then((kept) => {
      for (const { upload } of files) {
        upload.kept = kept
        upload.changed()
        // What was quicker than the shelf must not come back.
        if (upload.state.is === 'done' || !this.owns(upload.key)) void this.#around.shelf!.drop(upload.key)
      }
    })
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
