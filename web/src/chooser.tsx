import { useRef } from 'preact/hooks'
import { Icon } from './icon.tsx'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

// A finger cannot drop files.
const touch = matchMedia('(hover: none) and (pointer: coarse)').matches

/** Invites to drop files and has the button to choose them; a strip once there are uploads. */
export function Chooser({ page, compact }: { page: Page; compact: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const chosen = () => {
    void page.queue.add([...(input.current!.files ?? [])])
    // Choosing the same file a second time has to be a change again.
    input.current!.value = ''
  }
  return (
    <section class={compact ? 'chooser compact' : 'chooser'} aria-labelledby="drop">
      {!compact && <Icon name="up" />}
      <div>
        <h2 id="drop">{touch ? m.sendHere : m.dropHere}</h2>
        <p>{m.promise}</p>
      </div>
      <button type="button" class="primary" onClick={() => input.current!.click()}>
        {m.choose}
      </button>
      <input ref={input} type="file" multiple hidden onChange={chosen} />
    </section>
  )
}
