import { Component } from 'preact'
import { Actions } from './actions.tsx'
import { nameOf } from './chosen.ts'
import { Facts } from './facts.tsx'
import { partOf, percent, remaining, size } from './format.ts'
import { Icon, type IconName } from './icon.tsx'
import { messages as m } from './messages.ts'
import { More } from './more.tsx'
import { Name } from './name.tsx'
import { Picture } from './picture.tsx'
import type { Queue } from './queue.ts'
import type { State, Upload } from './upload.ts'

interface Props {
  queue: Queue
  upload: Upload
  version: number
  place: number
  all: number
}

/** One upload: its name, what it is doing, how far it is, and what can be done. */
export class Row extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    const { version, place, all } = this.props
    return next.version !== version || next.place !== place || next.all !== all
  }

  override render({ queue, upload, place, all }: Props) {
    const { state, file, path, note } = upload
    return (
      <div class={`row ${state.is}`} role="listitem" aria-posinset={place} aria-setsize={all}>
        {troubled(state) ? <Icon name={icons[state.is]} /> : <Picture file={file} icon={icons[state.is]} />}
        <Name path={path} />
        <Actions queue={queue} upload={upload} />
        <div class="line">
          <Facts facts={factsOf(upload)} />
          {barred(state) && <p class="percent">{m.percent(percent(upload.sent, file.size))}</p>}
        </div>
        {barred(state) && (
          <progress aria-label={m.progressOf(path)} max={100} value={exact(upload.sent, file.size)} />
        )}
        {state.is === 'failed' && (
          <p class="why">
            {state.failure.why} {state.failure.advice}
          </p>
        )}
        {note && <p class="note">{note}</p>}
        {state.is === 'done' && <More url={upload.url!} name={nameOf(path)} file={file} />}
      </div>
    )
  }
}

const icons: { [is in State['is']]: IconName } = {
  waiting: 'clock',
  checking: 'again',
  uploading: 'up',
  finishing: 'up',
  verifying: 'check',
  paused: 'pause',
  offline: 'again',
  retrying: 'again',
  cancelling: 'clock',
  done: 'check',
  failed: 'alert',
}

/** Whether a bar says more than the words do. */
function barred({ is }: State): boolean {
  return is !== 'waiting' && is !== 'done' && is !== 'failed' && is !== 'cancelling'
}

/** Whether the icon warns, and so must be seen. */
function troubled({ is }: State): boolean {
  return is === 'failed' || is === 'offline' || is === 'retrying'
}

/** A tenth of a percent: finer steps cannot be seen. */
function exact(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.floor((1_000 * part) / whole) / 10
}

function factsOf(upload: Upload): string[] {
  const { state, file } = upload
  const doing = words(upload)
  if (state.is === 'done' || state.is === 'waiting' || state.is === 'failed') return [doing, size(file.size)]
  if (state.is === 'cancelling') return [doing]
  return [doing, amount(upload), ...(state.is === 'uploading' ? pace(upload) : [])]
}

function words({ state, file, sent }: Upload): string {
  switch (state.is) {
    case 'checking':
      return m.state.checking(percent(state.checked, sent))
    case 'verifying':
      return m.state.verifying(percent(state.checked, file.size))
    case 'done':
      return state.verified ? m.state.verified : m.state.done
    case 'retrying':
      return m.state.retrying(Math.max(0, Math.ceil((state.at - Date.now()) / 1_000)), state.why)
    case 'uploading':
      return sent === 0 && file.size > 0 ? m.state.starting : m.state.uploading
    default:
      return m.state[state.is]
  }
}

/** Sent runs ahead of stored by what the buffers on the way hold; say which of the two it is. */
function amount({ stored, sent, file }: Upload): string {
  const part = partOf(sent, file.size)
  return stored === sent ? m.stored(part) : m.sent(part)
}

function pace({ rate, file, sent }: Upload): string[] {
  const now = performance.now()
  const rest = rate.remaining(file.size - sent, now)
  return rest === null ? [] : [m.speed(size(Math.round(rate.speed(now)))), remaining(rest)]
}
