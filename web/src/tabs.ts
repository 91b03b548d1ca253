// Long enough for a busy tab to answer, short enough not to be noticed.
const patience = 400

interface Message {
  ask?: number
  answer?: number
  urls?: string[]
}

/**
 * Lets the tabs of one browser ask each other which uploads they send, because a mere question
 * to the server would break off the other tab's connection. Web Locks would do, but plain http
 * has none.
 */
export class Tabs {
  readonly #channel: BroadcastChannel | null
  readonly #waiting = new Map<number, (urls: string[]) => void>()

  /** sending tells the uploads of this tab. */
  constructor(sending: () => string[]) {
    this.#channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel('longhaul') : null
    this.#channel?.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (data.ask !== undefined && sending().length > 0) {
        this.#channel!.postMessage({ answer: data.ask, urls: sending() } satisfies Message)
      }
      if (data.answer !== undefined) this.#waiting.get(data.answer)?.(data.urls ?? [])
    })
  }

  /** The uploads that other tabs are sending now. */
  async sending(): Promise<Set<string>> {
    const urls = new Set<string>()
    if (!this.#channel) return urls
    const id = Math.random()
    this.#waiting.set(id, (more) => more.forEach((url) => urls.add(url)))
    this.#channel.postMessage({ ask: id } satisfies Message)
    await new Promise((resolve) => setTimeout(resolve, patience))
    this.#waiting.delete(id)
    return urls
  }
}
