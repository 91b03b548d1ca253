import type { Backup } from './backup.ts'

/** What this browser keeps about an unfinished upload, to continue it after a reload. */
export interface Record {
  /** Names the record; unique, and never reused for another upload. */
  key: string
  url: string
  endpoint: string
  path: string
  size: number
  /** The file's lastModified, in ms since 1970. */
  modified: number
  /** When the upload began, in ms since 1970. */
  started: number
}

const prefix = 'longhaul:1:'

/**
 * The records, each under a key of its own in Web Storage: tabs write side by side without
 * overwriting each other's. Where storage is refused or full (private windows) they last as
 * long as the page. The backup has them too.
 */
export class Records {
  readonly #storage: Storage | null
  readonly #backup: Backup
  readonly #unsaved = new Map<string, Record>()

  constructor(storage: Storage | null, backup: Backup) {
    this.#storage = storage
    this.#backup = backup
  }

  /** Takes from the backup what is in no other place, as after a crash of the browser. */
  async recover(): Promise<void> {
    const lost = async () => (await this.#backup.all()).filter(({ key }) => !this.#has(key))
    // Asked twice: another tab may just be removing one, first from here and then from the backup.
    if ((await lost()).length > 0) for (const record of await lost()) this.#save(record)
  }

  /** All records of the endpoint, oldest first. */
  all(endpoint: string): Record[] {
    const found = [...this.#unsaved.values(), ...this.#saved()]
    return found.filter((r) => r.endpoint === endpoint).sort((a, b) => a.started - b.started)
  }

  put(record: Record): void {
    this.#save(record)
    this.#backup.put(record)
  }

  remove(key: string): void {
    // Most files are too small to have one.
    if (!this.#has(key)) return
    this.#unsaved.delete(key)
    this.#storage?.removeItem(prefix + key)
    this.#backup.remove(key)
  }

  #has(key: string): boolean {
    return this.#unsaved.has(key) || this.#item(key) !== null
  }

  #item(key: string): string | null {
    try {
      return this.#storage?.getItem(prefix + key) ?? null
    } catch {
      return null
    }
  }

  #save(record: Record): void {
    try {
      if (!this.#storage) throw new Error('no storage')
      this.#storage.setItem(prefix + record.key, JSON.stringify(record))
      this.#unsaved.delete(record.key)
    } catch {
      this.#unsaved.set(record.key, record)
    }
  }

  #saved(): Record[] {
    const found: Record[] = []
    try {
      for (let i = 0; i < (this.#storage?.length ?? 0); i++) {
        const name = this.#storage!.key(i)!
        const record = name.startsWith(prefix) ? parse(this.#storage!.getItem(name)) : null
        if (record) found.push(record)
      }
    } catch {
      return []
    }
    return found
  }
}

/** Opens the browser's storage; null where even asking for it is refused. */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage
  } catch {
    return null
  }
}

function parse(text: string | null): Record | null {
  try {
    const r = JSON.parse(text ?? '') as Record
    const whole =
      [r.key, r.url, r.endpoint, r.path].every((s) => typeof s === 'string') &&
      [r.size, r.modified, r.started].every((n) => typeof n === 'number')
    return whole ? r : null
  } catch {
    return null
  }
}
