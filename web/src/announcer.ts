import { messages as m } from './messages.ts'

type Kind = 'added' | 'done' | 'failed'

/** Collects what happened into one sentence a while, so that a screen reader is not flooded. */
export class Announcer {
  text = ''
  readonly #changed: () => void
  readonly #collected = new Map<Kind, string[]>()
  #asked = false

  constructor(changed: () => void) {
    this.#changed = changed
  }

  /** Notes that something happened to the file called name. */
  note(kind: Kind, name: string): void {
    this.#collected.set(kind, [...(this.#collected.get(kind) ?? []), name])
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
    const sentences = [...this.#collected].map(([kind, names]) => m.live[kind](names.length, names[0]!))
    this.#collected.clear()
    this.say(sentences.join(' '))
  }
}
