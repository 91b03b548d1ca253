import { createStore, del, entries, setMany, update } from 'idb-keyval'

/** What this browser keeps of a chosen file, to open it again after a reload without the user. */
export interface Kept {
  /** The key of the upload, by which its record is found once it has one. */
  key: string
  endpoint: string
  path: string
  size: number
  /** The file's lastModified, in ms since 1970. */
  modified: number
  handle: FileSystemFileHandle
  /** The tab whose list it is on. */
  tab: string
  /** Whether the user told it to wait. */
  paused: boolean
}

const tabPrefix = 'longhaul:tab:'

/**
 * Keeps the handles of chosen files until they are sent. Each belongs to the tab that it was
 * chosen in; what a tab leaves behind when it ends, the next one adopts. Only browsers that give
 * handles need it: elsewhere it stays empty. Whatever the browser refuses to keep is lost with
 * the page, as everything is elsewhere.
 */
export class Shelf {
  readonly #endpoint: string
  readonly #store = createStore('longhaul', 'files')
  readonly #tab = crypto.randomUUID()

  constructor(endpoint: string) {
    this.#endpoint = endpoint
    void navigator.locks.request(tabPrefix + this.#tab, () => new Promise(() => {}))
  }

  /** Keeps the files; false if the browser refuses. */
  async keep(files: Omit<Kept, 'endpoint' | 'tab' | 'paused'>[]): Promise<boolean> {
    const kept = files.map((f): Kept => ({ ...f, endpoint: this.#endpoint, tab: this.#tab, paused: false }))
    return setMany(kept.map((k) => [k.key, k]), this.#store).then(() => true, () => false)
  }

  /** Notes whether the user told a file that is kept to wait. */
  async pause(key: string, paused: boolean): Promise<void> {
    await update<Kept>(key, (kept) => ({ ...kept!, paused }), this.#store).catch(() => {})
  }

  async drop(key: string): Promise<void> {
    await del(key, this.#store).catch(() => {})
  }

  /** Takes what tabs that ended left behind, in the order in which it was chosen. */
  adopt(): Promise<Kept[]> {
    // Two tabs of a browser that starts again must not adopt the same file.
    return navigator.locks.request('longhaul:adopt', async () => {
      const { held = [] } = await navigator.locks.query()
      const living = new Set(held.map(({ name }) => name))
      const all = await entries<string, Kept>(this.#store).catch(() => [])
      const left = all.map(([, kept]) => kept).filter((k) => k.handle && k.endpoint === this.#endpoint && !living.has(tabPrefix + k.tab))
      for (const kept of left) kept.tab = this.#tab
      await setMany(left.map((k) => [k.key, k]), this.#store).catch(() => {})
      return left
    })
  }
}

/** The shelf of a browser that gives handles; null elsewhere. */
export function browserShelf(endpoint: string): Shelf | null {
  const able = 'getAsFileSystemHandle' in DataTransferItem.prototype && navigator.locks && window.indexedDB
  return able ? new Shelf(endpoint) : null
}
