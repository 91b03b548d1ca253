import { messages as m } from './messages.ts'

type Kind = 'added' | 'done' | 'failed'

/** Collects what happened into one sentence a while, so that a screen reader is not flooded. */
export class Announcer {
  text = ''
  readonly #changed: () => void
  readonly #collected = new Map<Kind, { count: number; first: string }>()
  #asked = false

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Notes that something happened to the file called name. */
  note(kind: Kind, name: string): void {
    const before = this.#collected.get(kind)
    if (before) before.count++
    else this.#collected.set(kind, { count: 1, first: name })
    if (this.#asked) return
    this.#asked = true
    setTimeout(() => this.#flush(), 1_000)
  }

  say(text: string): void {
    this.text = text
    this.#changed()
  }

  #flush(): void {
    this.#asked = false
    const sentences = [...this.#collected].map(([kind, { count, first }]) => m.live[kind](count, first))
    this.#collected.clear()
    this.say(sentences.join(' '))
  }
}
