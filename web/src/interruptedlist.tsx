import type { Comeback } from './comeback.ts'
import { Confirm } from './confirm.tsx'
import { Facts } from './facts.tsx'
import { partOf, percent } from './format.ts'
import { Icon } from './icon.tsx'
import type { Entry } from './interrupted.ts'
import { messages as m } from './messages.ts'
import { Name } from './name.tsx'
import type { Page } from './page.ts'

// More rows than anybody reads; what lies beyond is counted.
const most = 50

/** The uploads that an earlier visit left unfinished, and how to go on with them. */
export function InterruptedList({ page }: { page: Page }) {
  const { entries } = page.interrupted
  if (entries.length === 0) return null
  const { waiting } = page.comeback
  const asleep = entries.filter(({ left }) => waiting.get(left.key)?.obstacle === 'permission').length
  return (
    <section class="interrupted" aria-labelledby="interrupted">
      <div class="summary">
        <h2 id="interrupted">{m.interrupted.title}</h2>
        {asleep > 0 && (
          <button type="button" class="primary" onClick={() => void page.comeback.resume()}>
            {m.resume}
          </button>
        )}
      </div>
      <p>{asleep > 0 ? m.interrupted.resumable(asleep) : m.interrupted.how}</p>
      <ul class="list">
        {entries.slice(0, most).map((entry) => (
          <Interruption key={entry.left.key} entry={entry} page={page} />
        ))}
      </ul>
      {entries.length > most && <p>{m.interrupted.more(entries.length - most)}</p>}
    </section>
  )
}

function Interruption({ entry, page }: { entry: Entry; page: Page }) {
  const { interrupted, comeback } = page
  const { left, standing } = entry
  const { path, size, url } = left
  const stored = standing.is === 'stored' ? standing.bytes : null
  return (
    <li class={stored === null ? 'row idle' : 'row paused'}>
      <Icon name="pause" />
      <Name path={path} />
      <div class="actions">
        {standing.is === 'complete' && (
          <a class="button" href={url!} download aria-label={m.actionFor(m.download, path)}>
            {m.download}
          </a>
        )}
        {['gone', 'complete', 'unbegun'].includes(standing.is) ? (
          <button
            type="button"
            aria-label={m.actionFor(m.interrupted.forget, path)}
            onClick={() => interrupted.forget(entry)}
          >
            {m.interrupted.forget}
          </button>
        ) : (
          standing.is !== 'elsewhere' && (
            <Confirm
              text={m.interrupted.delete}
              name={path}
              needed={stored !== 0}
              act={() => void interrupted.delete(entry)}
            />
          )
        )}
      </div>
      <div class="line">
        <Facts facts={words(entry, comeback)} />
        {stored !== null && <p class="percent">{m.percent(percent(stored, size))}</p>}
      </div>
      {stored !== null && <progress aria-label={m.progressOf(path)} max={100} value={percent(stored, size)} />}
    </li>
  )
}

function words({ left, standing }: Entry, comeback: Comeback): string[] {
  const obstacle = comeback.waiting.get(left.key)?.obstacle
  const further = obstacle === 'changed' || obstacle === 'missing' ? [m.interrupted[obstacle]] : []
  switch (standing.is) {
    case 'stored':
      return [m.interrupted.stored(partOf(standing.bytes, left.size)), ...further]
    case 'kept':
      return [standing.why]
    default:
      return [m.interrupted[standing.is], ...further]
  }
}
