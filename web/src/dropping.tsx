import { useEffect, useState } from 'preact/hooks'
import { fromTransfer } from './gather.ts'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

/** Takes what is dropped anywhere on the target or pasted, and says so while it hovers above. */
export function Dropping({ page, target }: { page: Page; target: Window | HTMLElement }) {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const listeners = new AbortController()
    const on = <T extends 'dragover' | 'dragleave' | 'drop' | 'paste'>(type: T, act: (event: WindowEventMap[T]) => void) =>
      target.addEventListener(type, act as EventListener, { signal: listeners.signal })
    on('dragover', (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      event.dataTransfer!.dropEffect = 'copy'
      setOver(true)
    })
    on('dragleave', (event) => {
      // Leaving one element for another has a related target; leaving the window has none.
      if (event.relatedTarget === null) setOver(false)
    })
    on('drop', (event) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(false)
      // The transfer is empty once the event is over, so it is opened before take goes on.
      const data = event.dataTransfer!
      void page.take((skip) => fromTransfer(data, skip))
    })
    on('paste', ({ clipboardData: data }) => {
      if (data?.types.includes('Files')) void page.take((skip) => fromTransfer(data, skip))
    })
    return () => listeners.abort()
  }, [page, target])
  return over ? <div class="dropping" aria-hidden="true">{m.dropNow}</div> : null
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}
