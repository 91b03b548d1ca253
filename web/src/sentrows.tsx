import { useEffect, useReducer, useState } from 'preact/hooks'
import { nameOf } from './chosen.ts'
import { Download } from './download.tsx'
import { Facts } from './facts.tsx'
import { size } from './format.ts'
import { Icon } from './icon.tsx'
import { language, messages as m } from './messages.ts'
import { More } from './more.tsx'
import { Name } from './name.tsx'
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
  const when = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(sent.when)
  return (
    <li class={standing === 'there' ? 'row done' : 'row idle'}>
      <Icon name={standing === 'there' ? 'check' : 'clock'} />
      <Name path={path} />
      <div class="actions">
        {standing === 'there' && <Download url={url} path={path} />}
        {actOn(row, shown)}
      </div>
      <div class="line" role={standing === 'deleted' ? 'status' : undefined}>
        <Facts facts={[standing === 'kept' ? m.interrupted.notDeleted : m.history[standing], size(sent.size), when]} />
      </div>
      {standing === 'there' && <More url={url} name={nameOf(path)} file={null} />}
    </li>
  )
}

/** The one button that changes a row. It stays the same element, so that the keyboard's place stays on it. */
function actOn(row: Shown['rows'][number], shown: Shown) {
  const button = (text: string, act: () => void) => (
    <button type="button" aria-label={m.actionFor(text, row.sent.path)} onClick={act}>
      {text}
    </button>
  )
  switch (row.standing) {
    case 'there':
      return button(m.interrupted.delete, () => shown.delete(row))
    case 'deleted':
      return button(m.history.undo, () => shown.undo(row))
    case 'gone':
    case 'moved':
      return button(m.interrupted.forget, () => shown.forget(row))
    default:
      return null
  }
}
