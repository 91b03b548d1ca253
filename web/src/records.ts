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
 * long as the page.
 */
export class Records {
  readonly #storage: Storage | null
  readonly #unsaved = new Map<string, Record>()

  constructor(storage: Storage | null) {
    this.#storage = storage
  }

  /** All records of the endpoint, oldest first. */
  all(endpoint: string): Record[] {
    const found = [...this.#unsaved.values(), ...this.#saved()]
    return found.filter((r) => r.endpoint === endpoint).sort((a, b) => a.started - b.started)
  }

  put(record: Record): void {
    try {
      if (!this.#storage) throw new Error('no storage')
      this.#storage.setItem(prefix + record.key, JSON.stringify(record))
      this.#unsaved.delete(record.key)
    } catch {
      this.#unsaved.set(record.key, record)
    }
  }

  remove(key: string): void {
    this.#unsaved.delete(key)
    try {
      this.#storage?.removeItem(prefix + key)
    } catch {
      // Refused storage holds nothing that could be removed.
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
