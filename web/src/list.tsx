import { useEffect, useRef, useState } from 'preact/hooks'
import type { Queue } from './queue.ts'
import { Row } from './row.tsx'
import type { Upload } from './upload.ts'

const rowsPerBlock = 40
const guessedRow = 92

/**
 * The rows, in blocks of which only those near the window are in the document: ten thousand
 * files must not cost ten thousand rows. Rows may differ in height; a block that leaves keeps
 * the height it had.
 */
export function List({ queue }: { queue: Queue }) {
  const blocks: Upload[][] = []
  for (let i = 0; i < queue.uploads.length; i += rowsPerBlock) blocks.push(queue.uploads.slice(i, i + rowsPerBlock))
  return (
    <div class="list" role="list">
      {blocks.map((uploads, i) => (
        <Block key={i} queue={queue} uploads={uploads} before={i * rowsPerBlock} all={queue.uploads.length} />
      ))}
    </div>
  )
}

interface BlockProps {
  queue: Queue
  uploads: Upload[]
  before: number
  all: number
}

function Block({ queue, uploads, before, all }: BlockProps) {
  const element = useRef<HTMLDivElement>(null)
  const height = useRef(uploads.length * guessedRow)
  const [near, setNear] = useState(before === 0)
  useEffect(() => {
    const observer = new IntersectionObserver(
      ([entry]) => {
        const { target, isIntersecting, boundingClientRect } = entry!
        // The keyboard's place must not vanish under it.
        const keep = isIntersecting || target.contains((target.getRootNode() as Document | ShadowRoot).activeElement)
        if (!keep) height.current = boundingClientRect.height
        setNear(keep)
      },
      { rootMargin: '800px' },
    )
    observer.observe(element.current!)
    return () => observer.disconnect()
  }, [])
  return (
    <div ref={element} role="presentation" style={near ? { height: '' } : { height: `${height.current}px` }}>
      {near &&
        uploads.map((upload, i) => (
          <Row key={upload.id} queue={queue} upload={upload} version={upload.version} place={before + i + 1} all={all} />
        ))}
    </div>
  )
}
