import { createStore, del, entries, set } from 'idb-keyval'

/** What this browser remembers of a file that it has sent. */
export interface Sent {
  url: string
  endpoint: string
  path: string
  size: number
  /** When it was done, in ms since 1970. */
  when: number
}

// Enough for years of films, and little enough to be read at once.
const most = 2_000

/** The files that this browser has sent, in IndexedDB. Where the browser refuses, it is empty. */
export class History {
  #paths = new Set<string>()
  readonly #endpoint: string
  readonly #store = createStore('longhaul-sent', 'files')
  readonly #changed: () => void
  /** How many there are. */
  count = 0

  constructor(endpoint: string, changed: () => void) {
    this.#endpoint = endpoint
    this.#changed = changed
    void this.all().then((all) => this.#count(all))
  }

  /** All of them, newest first. The oldest are forgotten when there are too many. */
  async all(): Promise<Sent[]> {
    const kept = await entries<string, Sent>(this.#store).catch(() => [])
    const all = kept.map(([, sent]) => sent).filter((s) => s.endpoint === this.#endpoint)
    all.sort((a, b) => b.when - a.when)
    for (const { url } of all.splice(most)) void this.remove(url)
    return all
  }

  /** Whether a file of this path was sent before. */
  knows(path: string): boolean {
    return this.#paths.has(path)
  }

  async add(url: string, path: string, size: number): Promise<void> {
    const sent: Sent = { url, endpoint: this.#endpoint, path, size, when: Date.now() }
    this.#paths.add(path)
    this.count++
    await set(url, sent, this.#store).catch(() => {})
  }

  async remove(url: string): Promise<void> {
    await del(url, this.#store).catch(() => {})
    this.#count(await this.all())
  }

  #count(all: Sent[]): void {
    this.count = all.length
    this.#paths = new Set(all.map(({ path }) => path))
    this.#changed()
  }
}
