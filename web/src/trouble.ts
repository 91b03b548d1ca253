import { ArrivedMixed, ArrivedOther, FileChanged, InOtherTab, OtherContent, Refused, Stalled, Unproven } from './errors.ts'
import { messages as m } from './messages.ts'
import { isGone } from './server.ts'

/** What to do about an error, and how to say it. */
export type Trouble =
  | { then: 'retry'; why: string; wait: number }
  | { then: 'start over' }
  | { then: 'fail'; failure: Failure }

export interface Failure {
  why: string
  /** What the user can do. */
  advice: string
  /** What the button offers: the same again, a new upload from the first byte, this copy too, or to delete it. */
  offer: 'retry' | 'anew' | 'anyway' | 'delete' | 'nothing'
}

/**
 * Judges an error of an upload. Whatever may pass by itself is tried again without end. created
 * tells whether the upload had a URL: before that the server cannot have lost it.
 */
export function judge(error: unknown, created: boolean): Trouble {
  if (error instanceof ArrivedMixed) return fail(m.failed.mixed, 'delete')
  if (error instanceof ArrivedOther) return fail(m.failed.arrivedOther, 'delete')
  if (error instanceof FileChanged) return fail(m.failed.changed, 'nothing')
  if (error instanceof OtherContent) return fail(m.failed.otherContent, 'anew')
  if (error instanceof InOtherTab) return fail(m.failed.otherTab, 'retry')
  if (error instanceof Stalled) return { then: 'retry', why: m.why.stalled, wait: 0 }
  if (error instanceof Unproven) return { then: 'retry', why: m.why.unproven, wait: 0 }
  if (error instanceof Refused) return judgeStatus(error, created)
  return { then: 'retry', why: m.why.unreachable, wait: 0 }
}

function judgeStatus(error: Refused, created: boolean): Trouble {
  const { status, text, wait } = error
  if (created && isGone(error)) return { then: 'start over' }
  if (status === 413) return fail(m.failed.tooLarge, 'retry')
  if (status === 401 || status === 403) return fail(m.failed.notAllowed, 'retry')
  if (status === 400 && error.fromServer && !passing.test(text)) return fail(m.failed.refused(text.replace(/[.\s]+$/, '')), 'retry')
  if (status === 412 || status === 415) return fail(m.failed.refused(text.replace(/[.\s]+$/, '')), 'retry')
  return { then: 'retry', why: whyOf(error), wait }
}

// Broken connections that the server noticed before we did.
const passing = /^ERR_(UPLOAD_INTERRUPTED|UNEXPECTED_EOF|READ_TIMEOUT|CONNECTION_RESET)\b/

function whyOf({ status, fromServer }: Refused): string {
  if (status === 507) return m.why.full
  if (status === 429) return m.why.tooMany
  if (status === 409 || status === 423) return m.why.busy
  if (status === 502 || status === 503 || status === 504) return m.why.restarting
  return fromServer ? m.why.serverTrouble(status) : m.why.between(status)
}

/** A file that the list holds already. */
export const duplicate = (): Failure => ({ ...m.failed.duplicate, offer: 'anyway' })

function fail(text: { why: string; advice: string }, offer: Failure['offer']): Trouble {
  return { then: 'fail', failure: { ...text, offer } }
}
