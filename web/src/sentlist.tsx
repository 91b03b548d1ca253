import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

/** What this browser has sent before, behind a line that opens it. Its rows are loaded only then. */
export function SentList({ page }: { page: Page }) {
  const [Rows, setRows] = useState<ComponentType<{ page: Page }> | null>(null)
  const [open, setOpen] = useState(false)
  // Those of this visit are in the list of uploads.
  const count = page.history.count - page.totals.done
  if (count <= 0) return null
  const toggled = (event: Event) => {
    setOpen((event.currentTarget as HTMLDetailsElement).open)
    if (!Rows) void import('./sentrows.tsx').then(({ SentRows }) => setRows(() => SentRows))
  }
  return (
    <details class="sent" onToggle={toggled}>
      <summary>
        <h2>{m.history.title}</h2>
        <span class="count">{m.history.count(count)}</span>
      </summary>
      {open && Rows && <Rows page={page} />}
    </details>
  )
}
