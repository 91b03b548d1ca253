import type { Queue } from './queue.ts'
import type { Kept, Shelf } from './shelf.ts'
import type { Left } from './upload.ts'

// Files opened side by side: a folder of thousands comes back in seconds, and the page stays at hand.
const atOnce = 50

/** Why a kept file does not go on by itself. */
export type Obstacle = 'permission' | 'changed' | 'missing'

/**
 * Brings back the files that an earlier visit chose. Where the browser still allows them to be
 * read their uploads go on by themselves; else one question is enough for all.
 */
export class Comeback {
  /** What is kept but not going on, with the reason. */
  readonly waiting = new Map<string, { kept: Kept; obstacle: Obstacle }>()
  readonly #shelf: Shelf | null
  readonly #queue: Queue
  readonly #left: () => Left[]

  /** left tells the uploads that had begun. */
  constructor(shelf: Shelf | null, queue: Queue, left: () => Left[]) {
    this.#shelf = shelf
    this.#queue = queue
    this.#left = left
  }

  /** What waits, as uploads that have not begun. */
  left(): Left[] {
    return [...this.waiting.values()].map(({ kept }) => unbegun(kept))
  }

  /** Goes on with everything that the browser allows to be read. */
  async start(): Promise<void> {
    await this.#goOn((await this.#shelf?.adopt()) ?? [], (handle) => handle.queryPermission!({ mode: 'read' }))
  }

  /** Asks for permission and goes on. Has to be called while the user's click is fresh. */
  async resume(): Promise<void> {
    const asleep = [...this.waiting.values()].filter(({ obstacle }) => obstacle === 'permission')
    await this.#goOn(asleep.map(({ kept }) => kept), (handle) => handle.requestPermission!({ mode: 'read' }))
  }

  /** Forgets a file for good. */
  forget(key: string): void {
    this.waiting.delete(key)
    void this.#shelf?.drop(key)
  }

  /** Leaves to the queue what it took, e.g. because the user chose the file again. */
  yield(): void {
    for (const key of this.waiting.keys()) if (this.#queue.owns(key)) this.waiting.delete(key)
  }

  async #goOn(all: Kept[], permission: (handle: FileSystemFileHandle) => Promise<PermissionState>): Promise<void> {
    // The first question may open a dialog whose answer holds for all.
    for (let at = 0, next = 1; at < all.length; at = next, next += atOnce) {
      const opened = await Promise.all(all.slice(at, next).map((kept) => open(kept, permission)))
      const begun = new Map(this.#left().map((left) => [left.key, left]))
      const found: Parameters<Queue['comeBack']>[0] = []
      for (const { kept, file, obstacle } of opened) {
        if (obstacle) this.waiting.set(kept.key, { kept, obstacle })
        else found.push({ kept, file, left: begun.get(kept.key) ?? unbegun(kept) })
      }
      this.#queue.comeBack(found)
    }
  }
}

/** A kept file of which the server has nothing. */
function unbegun({ key, path, size, modified }: Kept): Left {
  return { key, path, size, modified, url: null }
}

type Opened = { kept: Kept; file: File; obstacle: null } | { kept: Kept; file: null; obstacle: Obstacle }

async function open(kept: Kept, permission: (handle: FileSystemFileHandle) => Promise<PermissionState>): Promise<Opened> {
  // Refused also when the click is too old to ask again; the button stays for the rest.
  const allowed = (await permission(kept.handle).catch(() => 'denied')) === 'granted'
  if (!allowed) return { kept, file: null, obstacle: 'permission' }
  const file = await kept.handle.getFile().catch(() => null)
  if (!file) return { kept, file, obstacle: 'missing' }
  const same = file.size === kept.size && file.lastModified === kept.modified
  return same ? { kept, file, obstacle: null } : { kept, file: null, obstacle: 'changed' }
}
