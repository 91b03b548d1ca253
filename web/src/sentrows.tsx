import { useEffect, useReducer, useState } from 'preact/hooks'
import { nameOf } from './chosen.ts'
import { Facts } from './facts.tsx'
import { size } from './format.ts'
import { Icon } from './icon.tsx'
import { language, messages as m } from './messages.ts'
import { More } from './more.tsx'
import type { Page } from './page.ts'
import { Shown } from './shown.ts'

/** The rows of what was sent, newest first, some at a time. */
export function SentRows({ page }: { page: Page }) {
  const [, draw] = useReducer((n: number) => n + 1, 0)
  const [shown] = useState(() => new Shown(page.history, () => draw(undefined)))
  useEffect(() => shown.start(), [shown])
  const here = new Set(page.queue.uploads.map(({ url }) => url))
  return (
    <>
      <ul class="list">
        {shown.rows.filter(({ sent }) => !here.has(sent.url)).map((row) => (
          <SentRow key={row.sent.url} row={row} shown={shown} />
        ))}
      </ul>
      {shown.more && (
        <button type="button" onClick={() => shown.showMore()}>
          {m.history.more}
        </button>
      )}
    </>
  )
}

function SentRow({ row, shown }: { row: Shown['rows'][number]; shown: Shown }) {
  const { sent, standing } = row
  const { path, url } = sent
  const button = (text: string, act: () => void) => (
    <button type="button" aria-label={m.actionFor(text, path)} onClick={act}>
      {text}
    </button>
  )
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(sent.when)
  return (
    <li class={standing === 'there' ? 'row done' : 'row idle'}>
      <Icon name={standing === 'there' ? 'check' : 'clock'} />
      <p class="name" title={path} dir="auto">
        {path}
      </p>
      <div class="actions">
        {standing === 'there' && (
          <a class="button" href={url} download={nameOf(path)} aria-label={m.actionFor(m.download, path)}>
            {m.download}
          </a>
        )}
        {standing === 'deleted' && button(m.history.undo, () => shown.undo(row))}
        {standing === 'there' && button(m.interrupted.delete, () => shown.delete(row))}
        {(standing === 'gone' || standing === 'moved') && button(m.interrupted.forget, () => shown.forget(row))}
      </div>
      <div class="line" role={standing === 'deleted' ? 'status' : undefined}>
        <Facts facts={[standing === 'kept' ? m.interrupted.notDeleted : m.history[standing], size(sent.size), when]} />
      </div>
      {standing === 'there' && <More url={url} name={nameOf(path)} file={null} />}
    </li>
  )
}
