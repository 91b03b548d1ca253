import { nameOf } from './chosen.ts'
import { guarded } from './credentials.ts'
import { messages as m } from './messages.ts'

/** Fetches a finished file. A link takes no token along, so where the server wants one there is none. */
export function Download({ url, path }: { url: string; path: string }) {
  if (guarded(url)) return null
  // Of another host the browser shows what the server lets it show, e.g. a picture: not in place of this page.
  const target = new URL(url).origin === location.origin ? undefined : '_blank'
  return (
    <a class="button" href={url} download={nameOf(path)} target={target} aria-label={m.actionFor(m.download, path)}>
      {m.download}
    </a>
  )
}
