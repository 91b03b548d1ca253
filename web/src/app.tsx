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

export function App({ page }: { page: Page }) {
  const [, draw] = useReducer((n: number) => n + 1, 0)
  useEffect(() => {
    page.draw = () => draw(undefined)
    draw(undefined)
  }, [page])
  const { uploads } = page.queue
  return (
    <>
      <header class="top">
        <img src={mark} alt="" width="32" height="32" />
        <h1>{m.name}</h1>
      </header>
      <main>
        <Chooser page={page} compact={uploads.length > 0} />
        {page.offline && page.totals.busy > 0 && <p class="banner">{m.offlineBanner}</p>}
        {page.notice && <Notice page={page} />}
        <InterruptedList page={page} />
        {uploads.length > 0 && (
          <section aria-labelledby="uploads">
            <Summary page={page} />
            <List queue={page.queue} />
          </section>
        )}
        <SentList page={page} />
      </main>
      <footer>
        <a href="licenses.md">{m.licences}</a>
      </footer>
      <Dropping page={page} />
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
