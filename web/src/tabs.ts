import type { Claims } from './claims.ts'

// Long enough for a busy tab to answer, short enough not to be noticed.
const patience = 400

interface Message {
  ask?: number
  answer?: number
  keys?: string[]
}

/** Claims by asking: every tab tells the others what it has. */
export class Tabs implements Claims {
  readonly #channel: BroadcastChannel | null
  readonly #held = new Set<string>()
  readonly #waiting = new Map<number, (keys: string[]) => void>()

  constructor() {
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('longhaul') : null
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (data.ask !== undefined && this.#held.size > 0) {
        this.#channel!.postMessage({ answer: data.ask, keys: [...this.#held] } satisfies Message)
      }
      if (data.answer !== undefined) this.#waiting.get(data.answer)?.(data.keys ?? [])
    })
  }

  async claim(key: string): Promise<boolean> {
    if (this.#held.has(key)) return true
    if ((await this.elsewhere()).has(key)) return false
    this.hold(key)
    return true
  }

  hold(key: string): void {
    this.#held.add(key)
  }

  release(key: string): void {
    this.#held.delete(key)
  }

  async elsewhere(): Promise<Set<string>> {
    const keys = new Set<string>()
    if (!this.#channel) return keys
    const id = Math.random()
    this.#waiting.set(id, (more) => more.forEach((key) => keys.add(key)))
    this.#channel.postMessage({ ask: id } satisfies Message)
    await new Promise((resolve) => setTimeout(resolve, patience))
    this.#waiting.delete(id)
    return keys
  }
}
