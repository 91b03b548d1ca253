import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import encodeQR from 'qr'
import { copy } from './copy.ts'
import { guarded } from './credentials.ts'
import { sha256In } from './digest.ts'
import { percent } from './format.ts'
import { messages as m } from './messages.ts'
import type { Finished } from './more.tsx'
import { representation } from './server.ts'

/** The link of a finished upload, its SHA-256, and the commands that fetch it or send the like. */
export function Details({ url, name, file }: Finished) {
  const endpoint = new URL('./', url).href
  const token = guarded(url)
  // Not the token itself: it would stay in the shell's history and in what the user passes on.
  const bearer = token ? '--oauth2-bearer "$LONGHAUL_TOKEN" ' : ''
  return (
    <div class="details">
      {token ? <p class="note">{m.details.token}</p> : <QR text={url} />}
      <dl>
        <Copied term={m.details.link} text={url} />
        <Digest url={url} file={file} />
        <Copied term={m.details.curl} text={`curl ${bearer}-C - -o ${quoted(name)} ${quoted(url)}`} />
        <Copied term={m.details.push} text={`longhaul push ${quoted(name)} ${quoted(endpoint)}`} />
      </dl>
    </div>
  )
}

/** A text with a button that copies it. */
function Copied({ term, text, children }: { term: string; text: string; children?: ComponentChildren }) {
  const code = useRef<HTMLElement>(null)
  const [said, say] = useState('')
  const press = async () => say((await copy(code.current!)) ? m.details.copied : m.details.notCopied)
  return (
    <div>
      <dt>{term}</dt>
      <dd>
        <code ref={code} dir="ltr">
          {text}
        </code>
        <button type="button" aria-label={m.actionFor(m.details.copy, term)} onClick={() => void press()}>
          {m.details.copy}
        </button>
        <span role="status">{said}</span>
        {children}
      </dd>
    </div>
  )
}

/** The SHA-256 of what arrived, told by the server, which computed it as the bytes came. */
function Digest({ url, file }: { url: string; file: File | null }) {
  const [told, setTold] = useState<string | null | undefined>(undefined)
  useEffect(() => {
    const over = new AbortController()
    representation(url, over.signal).then((field) => setTold(sha256In(field)), () => setTold(null))
    return () => over.abort()
  }, [url])
  if (told === undefined) return null
  if (told === null) {
    return (
      <div>
        <dt>{m.details.digest}</dt>
        <dd>{m.details.noDigest}</dd>
      </div>
    )
  }
  return (
    <Copied term={m.details.digest} text={told}>
      {file && <Compare file={file} told={told} />}
    </Copied>
  )
}

/** Compares the file here with what arrived. A screen reader is told the outcome, not every percent. */
function Compare({ file, told }: { file: File; told: string }) {
  const [checked, setChecked] = useState<number | null>(null)
  const [outcome, setOutcome] = useState('')
  const [over] = useState(() => new AbortController())
  useEffect(() => () => over.abort(), [over])
  const press = async () => {
    if (checked !== null) return
    setOutcome('')
    setChecked(0)
    setOutcome(await compare(file, told, over.signal, setChecked))
    setChecked(null)
  }
  return (
    <span class="compare">
      <button type="button" onClick={() => void press()}>
        {m.details.compare}
      </button>
      {checked !== null && <span>{m.details.comparing(percent(checked, file.size))}</span>}
      <span role="status">{outcome}</span>
    </span>
  )
}

async function compare(file: File, told: string, signal: AbortSignal, progress: (bytes: number) => void): Promise<string> {
  try {
    const { sha256Of } = await import('./sha256.ts')
    return (await sha256Of(file, signal, progress)) === told ? m.details.equal : m.details.differs
  } catch {
    return m.details.unreadable
  }
}

/** A word as a POSIX shell reads it back. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function QR({ text }: { text: string }) {
  const rows = encodeQR(text, 'raw', { border: 2 })
  const path = rows.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('')
  return (
    <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={m.details.qr}>
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
