import type { ComponentType } from 'preact'
import { useState } from 'preact/hooks'
import { messages as m } from './messages.ts'

/** An upload that is finished. */
export interface Finished {
  url: string
  name: string
  /** The file here, where the page still has it. */
  file: File | null
}

/** Opens to everything that is worth knowing about a finished upload. It is loaded only then. */
export function More(finished: Finished) {
  const [Panel, setPanel] = useState<ComponentType<Finished> | null>(null)
  const load = () => {
    if (!Panel) void import('./details.tsx').then(({ Details }) => setPanel(() => Details))
  }
  return (
    <details class="more" onToggle={load}>
      <summary aria-label={m.actionFor(m.details.show, finished.name)}>{m.details.show}</summary>
      {Panel && <Panel {...finished} />}
    </details>
  )
}
