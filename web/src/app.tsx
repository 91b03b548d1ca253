import { useEffect, useReducer } from 'preact/hooks'
import { Chooser } from './chooser.tsx'
import { Dropping } from './dropping.tsx'
import { InterruptedList } from './interruptedlist.tsx'
import { List } from './list.tsx'
import mark from './mark.svg'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'
import { SentList } from './sentlist.tsx'
import { Summary } from './summary.tsx'

// iOS stops a page that is not in front, and says so to nobody. Its iPads call themselves Macs.
const background = /iP(hone|ad|od)/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)

interface Props {
  page: Page
  /** Where files are dropped and pasted: the window, or the element that this is on another page. */
  target: Window | HTMLElement
}

export function App({ page, target }: Props) {
  const whole = target === window
  // A page has one main part, and another page has its own.
  const Parts = whole ? 'main' : 'div'
  const [, draw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => {
    page.draw = () => draw(undefined)
    draw(undefined)
  }, [page])
  const { uploads } = page.queue
  return (
    <>
      {whole && (
        <header class="top">
          <img src={mark} alt="" width="32" height="32" />
          <h1>{m.name}</h1>
        </header>
      )}
      <Parts class="parts">
        <Chooser page={page} compact={uploads.length > 0} anywhere={whole} />
        {page.offline && page.totals.busy > 0 && <p class="banner">{m.offlineBanner}</p>}
        {background && page.totals.busy > 0 && <p class="banner">{m.keepOpen}</p>}
        {page.notice && <Notice page={page} />}
        <InterruptedList page={page} />
        {uploads.length > 0 && (
          <section aria-labelledby="uploads">
            <Summary page={page} />
            <List queue={page.queue} />
          </section>
        )}
        <SentList page={page} />
      </Parts>
      {whole && (
        <footer>
          <a href="licenses.md">{m.licences}</a>
        </footer>
      )}
      <Dropping page={page} target={target} />
      <div class="unseen" role="status">
        {page.announcer.text}
      </div>
    </>
  )
}

function Notice({ page }: { page: Page }) {
  return (
    <div class="banner" role="alert">
      <p>{page.notice}</p>
      <button type="button" onClick={() => page.tell('')}>
        {m.dismiss}
      </button>
    </div>
  )
}
