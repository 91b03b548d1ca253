import { messages as en } from './messages/en.ts'

/** Every text that people read. A language is a file in messages/ that has all of them. */
export type Messages = typeof en

/** The texts of the language that is spoken. */
export let messages: Messages = en
/** Its tag, e.g. "de". */
export let language = 'en'

// Loaded when a browser wants them. English comes with the page: it is what remains when a load fails.
const others: { [tag: string]: () => Promise<{ messages: Messages }> } = {
  ar: () => import('./messages/ar.ts'),
  de: () => import('./messages/de.ts'),
}

/** Speaks the first of the wishes that there is, e.g. of navigator.languages; else English. */
export async function speak(wishes: readonly string[]): Promise<void> {
  const tags = wishes.map((wish) => wish.toLowerCase().split('-')[0]!)
  const tag = tags.find((tag) => tag === 'en' || Object.hasOwn(others, tag)) ?? 'en'
  const loaded = await others[tag]?.().catch(() => null)
  messages = loaded?.messages ?? en
  language = loaded ? tag : 'en'
}
