import { useEffect, useState } from 'preact/hooks'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

/** Takes files that are dropped anywhere on the page, and says so while they hover above it. */
export function Dropping({ page }: { page: Page }) {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const listeners = new AbortController()
    const on = (type: 'dragover' | 'dragleave' | 'drop', act: (event: DragEvent) => void) =>
      addEventListener(type, act, { signal: listeners.signal })
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
      take(page, event.dataTransfer!)
    })
    return () => listeners.abort()
  }, [page])
  return over ? <div class="dropping" aria-hidden="true">{m.dropNow}</div> : null
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

function take(page: Page, data: DataTransfer): void {
  const files: File[] = []
  const folders: string[] = []
  for (const item of data.items) {
    const file = item.getAsFile()
    if (!file) continue
    // A folder looks like a file here, but it cannot be read.
    if (item.webkitGetAsEntry()?.isDirectory) folders.push(file.name)
    else files.push(file)
  }
  page.tell(folders.length > 0 ? m.folderSkipped(folders) : '')
  void page.queue.add(files)
}
