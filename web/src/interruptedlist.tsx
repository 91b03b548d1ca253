import { Confirm } from './confirm.tsx'
import { Facts } from './facts.tsx'
import { partOf, percent } from './format.ts'
import { Icon } from './icon.tsx'
import type { Entry, Interrupted } from './interrupted.ts'
import { messages as m } from './messages.ts'

/** The uploads that an earlier visit left unfinished, and how to go on with them. */
export function InterruptedList({ interrupted }: { interrupted: Interrupted }) {
  const { entries } = interrupted
  if (entries.length === 0) return null
  return (
    <section class="interrupted" aria-labelledby="interrupted">
      <h2 id="interrupted">{m.interrupted.title}</h2>
      <p>{m.interrupted.how}</p>
      <ul class="list">
        {entries.map((entry) => (
          <Interruption key={entry.record.key} entry={entry} interrupted={interrupted} />
        ))}
      </ul>
    </section>
  )
}

function Interruption({ entry, interrupted }: { entry: Entry; interrupted: Interrupted }) {
  const { record, standing } = entry
  const { path, size, url } = record
  const stored = standing.is === 'stored' ? standing.bytes : null
  return (
    <li class={stored === null ? 'row idle' : 'row paused'}>
      <Icon name="pause" />
      <p class="name" title={path}>
        {path}
      </p>
      <div class="actions">
        {standing.is === 'complete' && (
          <a class="button" href={url} download aria-label={m.actionFor(m.download, path)}>
            {m.download}
          </a>
        )}
        {standing.is === 'gone' || standing.is === 'complete' ? (
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
        <Facts facts={[words(entry)]} />
        {stored !== null && <p class="percent">{percent(stored, size)} %</p>}
      </div>
      {stored !== null && <progress aria-label={m.progressOf(path)} max={100} value={percent(stored, size)} />}
    </li>
  )
}

function words({ record, standing }: Entry): string {
  switch (standing.is) {
    case 'stored':
      return m.interrupted.stored(partOf(standing.bytes, record.size))
    case 'kept':
      return standing.why
    default:
      return m.interrupted[standing.is]
  }
}
