import type { Claims } from './claims.ts'

const prefix = 'longhaul:upload:'

/** Claims by Web Locks: the browser itself frees them when a tab ends, however it ends. */
export class Locks implements Claims {
  readonly #locks: LockManager
  /** Frees the lock of an upload that this tab has. */
  readonly #held = new Map<string, () => void>()

  constructor(locks: LockManager) {
    this.#locks = locks
  }

  claim(key: string): Promise<boolean> {
    if (this.#held.has(key)) return Promise.resolve(true)
    return new Promise((resolve) => this.#request(key, resolve))
  }

  hold(key: string): void {
    if (!this.#held.has(key)) this.#request(key, () => {})
  }

  release(key: string): void {
    this.#held.get(key)?.()
    this.#held.delete(key)
  }

  async elsewhere(): Promise<Set<string>> {
    const { held = [] } = await this.#locks.query()
    const keys = held.map(({ name }) => name!).filter((name) => name.startsWith(prefix))
    return new Set(keys.map((name) => name.slice(prefix.length)).filter((key) => !this.#held.has(key)))
  }

  #request(key: string, granted: (ours: boolean) => void): void {
    const released = new Promise<void>((resolve) => this.#held.set(key, resolve))
    void this.#locks.request(prefix + key, { ifAvailable: true }, (lock) => {
      if (!lock) this.#held.delete(key)
      granted(lock !== null)
      return lock ? released : undefined
    })
  }
}
