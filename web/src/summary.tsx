import { Facts } from './facts.tsx'
import { partOf, remaining, size } from './format.ts'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

/** The head of the list: how far all uploads are together. */
export function Summary({ page }: { page: Page }) {
  const { files, done, moving, bytes, sent, percent } = page.totals
  return (
    <div class="summary">
      <h2 id="uploads">{m.uploads}</h2>
      <p class="count">{files > 0 ? m.summary(done, files) : ''}</p>
      {done > 0 && (
        <button type="button" onClick={() => page.queue.clearDone()}>
          {m.clearDone}
        </button>
      )}
      {files > 1 && done < files && (
        <>
          <progress aria-label={m.overall} max={100} value={percent ?? 0} />
          <Facts facts={[m.percent(percent ?? 0), partOf(sent, bytes), ...(moving > 0 ? pace(page) : [])]} />
        </>
      )}
    </div>
  )
}

function pace({ rate, totals }: Page): string[] {
  const now = performance.now()
  const rest = rate.remaining(totals.bytes - totals.sent, now)
  return rest === null ? [] : [m.speed(size(Math.round(rate.speed(now)))), remaining(rest)]
}
