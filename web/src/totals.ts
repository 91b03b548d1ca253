import { percent } from './format.ts'
import type { State } from './upload.ts'

/** What counts for the whole list. */
export interface Totals {
  files: number
  done: number
  busy: number
  /** Busy files that the user would have to choose again after leaving the page. */
  fragile: number
  /** Files whose bytes travel now; without any, speed and time left say nothing. */
  moving: number
  bytes: number
  sent: number
  /** Whole percent of all that is not failed; null when there is nothing to count. */
  percent: number | null
}

interface Counted {
  state: State
  sent: number
  kept: boolean
  file: { size: number }
}

/** Sums up uploads. Failed ones are left out: they would keep the sum from ever reaching 100 %. */
export function totalsOf(uploads: readonly Counted[]): Totals {
  const t: Totals = { files: 0, done: 0, busy: 0, fragile: 0, moving: 0, bytes: 0, sent: 0, percent: null }
  for (const { state, sent, kept, file } of uploads) {
    if (state.is === 'failed' || state.is === 'cancelling') continue
    t.files++
    if (state.is === 'done') t.done++
    else if (state.is !== 'paused') {
      t.busy++
      if (!kept) t.fragile++
    }
    if (state.is === 'uploading') t.moving++
    t.bytes += file.size
    t.sent += sent
  }
  if (t.files > 0) t.percent = t.done === t.files ? 100 : Math.min(99, percent(t.sent, t.bytes))
  return t
}
