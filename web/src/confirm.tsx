import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { messages as m } from './messages.ts'

interface Props {
  text: string
  /** Of the file, for the label. */
  name: string
  /** Whether there is something to lose; else the button acts at once. */
  needed: boolean
  act(): void
}

/** A button that throws bytes away, and asks first: hours may be in them. */
export function Confirm({ text, name, needed, act }: Props) {
  const [asking, setAsking] = useState(false)
  const asked = useRef(false)
  const first = useRef<HTMLButtonElement>(null)
  const keep = useRef<HTMLButtonElement>(null)
  // The keyboard's place goes to the harmless answer, and back where it came from.
  useLayoutEffect(() => {
    if (asking) keep.current!.focus()
    else if (asked.current) first.current!.focus()
    asked.current = asking
  }, [asking])
  if (!asking) {
    const label = m.actionFor(text, name)
    return (
      <button type="button" ref={first} aria-label={label} onClick={() => (needed ? setAsking(true) : act())}>
        {text}
      </button>
    )
  }
  const escape = (event: KeyboardEvent) => {
    if (event.key === 'Escape') setAsking(false)
  }
  return (
    <span class="confirm" role="group" aria-label={m.confirmDelete} onKeyDown={escape}>
      <span>{m.confirmDelete}</span>
      <button type="button" class="danger" onClick={act}>
        {m.confirmYes}
      </button>
      <button type="button" ref={keep} onClick={() => setAsking(false)}>
        {m.confirmNo}
      </button>
    </span>
  )
}
