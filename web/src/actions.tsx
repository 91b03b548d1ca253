import { Confirm } from './confirm.tsx'
import { Download } from './download.tsx'
import { messages as m } from './messages.ts'
import type { Queue } from './queue.ts'
import type { Upload } from './upload.ts'

/** What can be done with an upload now. */
export function Actions({ queue, upload }: { queue: Queue; upload: Upload }) {
  const { state, path, sent, url } = upload
  const button = (text: string, act: () => void, kind = '') => (
    <button type="button" class={kind} aria-label={m.actionFor(text, path)} onClick={act}>
      {text}
    </button>
  )
  switch (state.is) {
    case 'cancelling':
      return null
    case 'done':
      return (
        <div class="actions">
          <Download url={url!} path={path} />
        </div>
      )
    case 'failed':
      return (
        <div class="actions">
          {state.failure.offer === 'retry' && button(m.retry, () => queue.resume(upload), 'primary')}
          {state.failure.offer === 'anew' && (
            <Confirm text={m.sendAnew} name={path} needed act={() => void queue.restart(upload)} />
          )}
          {state.failure.offer === 'anyway' && button(m.uploadAnyway, () => queue.resume(upload))}
          {state.failure.offer === 'delete' && (
            <Confirm text={m.interrupted.delete} name={path} needed act={() => void queue.cancel(upload)} />
          )}
          {button(m.remove, () => queue.remove(upload))}
        </div>
      )
  }
  return (
    <div class="actions">
      {state.is === 'paused'
        ? button(m.resume, () => queue.resume(upload), 'primary')
        : button(m.pause, () => queue.pause(upload))}
      <Confirm text={m.cancel} name={path} needed={sent > 0} act={() => void queue.cancel(upload)} />
    </div>
  )
}
