/** The server, or something between, answered with another status than hoped for. */
export class Refused extends Error {
  readonly status: number
  /** Whether a tus server said it. A proxy's 404 says nothing about the upload. */
  readonly fromServer: boolean
  /** The server's words, e.g. "ERR_UPLOAD_INTERRUPTED: …". */
  readonly text: string
  /** How long the server asks to wait, in ms; 0 if it does not say. */
  readonly wait: number

  constructor(status: number, header: (name: string) => string | null, text: string) {
    super(`status ${status}`)
    this.status = status
    this.fromServer = header('Tus-Resumable') !== null
    this.text = text.trim().slice(0, 300)
    this.wait = waitOf(header('Retry-After') ?? '')
  }
}

/** Milliseconds that Retry-After asks to wait: a number of seconds or a date (RFC 9110, 10.2.3). */
function waitOf(value: string): number {
  const wait = /^\d+$/.test(value) ? 1_000 * Number(value) : Date.parse(value) - Date.now()
  return Math.max(0, wait || 0)
}

/** No answer: the server is down, the network is, or the connection broke. */
export class Unreachable extends Error {}

/** The connection stands but nothing moved for a long time. */
export class Stalled extends Error {}

/** The file changed on disk after it was chosen, or can no longer be read. */
export class FileChanged extends Error {}

/** The same, noticed only when the server had all of it: what arrived may be a mix. */
export class ArrivedMixed extends Error {}

/** All of it arrived, and is something else than the file. */
export class ArrivedOther extends Error {}

/** What the server holds is no prefix of the file. */
export class OtherContent extends Error {}

/** The answer does not prove what the server holds, e.g. because a proxy took the digest away. */
export class Unproven extends Error {}

/** Another tab of this browser sends the file at this moment. */
export class InOtherTab extends Error {}
