import { useRef } from 'preact/hooks'
import { fromHandles, fromInput } from './gather.ts'
import { Icon } from './icon.tsx'
import { messages as m } from './messages.ts'
import type { Page } from './page.ts'

// A finger cannot drop files.
const touch = matchMedia('(hover: none) and (pointer: coarse)').matches

// iOS before 18.4 chooses no folders.
const folders = 'webkitdirectory' in HTMLInputElement.prototype

interface Props {
  page: Page
  compact: boolean
  /** Whether files may be dropped anywhere on the page. */
  anywhere: boolean
}

/** Invites to drop files and has the buttons to choose them; a strip once there are uploads. */
export function Chooser({ page, compact, anywhere }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const choose = (folder: boolean) => {
    const picked = folder ? pickFolder() : pickFiles()
    if (!picked) return open(input.current!, folder)
    // A dialog that is closed without a choice rejects.
    picked.then((handles) => page.take((skip) => fromHandles(handles, skip))).catch(() => {})
  }
  const chosen = () => {
    const files = [...(input.current!.files ?? [])]
    void page.take(() => fromInput(files))
    // Choosing the same file a second time has to be a change again.
    input.current!.value = ''
  }
  return (
    <section class={compact ? 'chooser compact' : 'chooser'} aria-labelledby="drop">
      {!compact && <Icon name="up" />}
      <div>
        <h2 id="drop">{touch ? m.sendHere : anywhere ? m.dropAnywhere : m.dropHere}</h2>
        <p>{m.promise}</p>
      </div>
      <div class="choices">
        <button type="button" class="primary" onClick={() => choose(false)}>
          {m.choose}
        </button>
        {folders && (
          <button type="button" onClick={() => choose(true)}>
            {m.chooseFolder}
          </button>
        )}
      </div>
      <input ref={input} type="file" multiple hidden onChange={chosen} />
    </section>
  )
}

// What the pickers choose can be opened again after a reload; a file input cannot do that.
const pickFiles = () => window.showOpenFilePicker?.({ multiple: true })
const pickFolder = () => window.showDirectoryPicker?.({ mode: 'read' }).then((folder) => [folder])

function open(input: HTMLInputElement, folder: boolean): void {
  input.webkitdirectory = folder
  input.click()
}
