import { digestOf } from './crc32c.ts'
import { credentials } from './credentials.ts'
import { Refused, Unreachable } from './errors.ts'

/** What the server holds of an upload. */
export interface Held {
  offset: number
  length: number
  /** CRC-32C of the first offset bytes; null where the answer does not tell. */
  digest: number | null
}

/**
 * Asks how much of an upload the server holds. Asking takes the upload over from a connection
 * that still sends, so ask only for uploads that nobody sends. Throws Refused or Unreachable.
 */
export async function held(url: string, signal: AbortSignal): Promise<Held> {
  const { status, headers } = await request('HEAD', url, signal)
  const header = (name: string) => headers.get(name)
  return { ...extentOf(status, header), digest: digestOf(header('Upload-Digest')) }
}

/**
 * Asks for the digests of a finished upload, a Repr-Digest field (RFC 9530); null if there is
 * none. Throws Refused or Unreachable.
 */
export async function representation(url: string, signal: AbortSignal): Promise<string | null> {
  return (await request('HEAD', url, signal)).headers.get('Repr-Digest')
}

/**
 * Reads how much an answer to HEAD says the server holds. Throws Refused when it does not say so
 * properly: a captive portal answers 200 to everything. The page's uploads all have a length.
 */
export function extentOf(status: number, header: (name: string) => string | null): Pick<Held, 'offset' | 'length'> {
  const offset = countOf(header('Upload-Offset'))
  const length = countOf(header('Upload-Length'))
  // With NaN the comparison is false.
  if (!(offset <= length)) throw new Refused(status, header, '')
  return { offset, length }
}

/** The number of bytes in a header's value; NaN where it is none. */
function countOf(value: string | null): number {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : NaN
}

/** Fetches the first byte of a finished upload: only that tells whether its file is still there. Throws Refused or Unreachable. */
export async function touch(url: string, signal: AbortSignal): Promise<void> {
  try {
    await request('GET', url, signal, { headers: { Range: 'bytes=0-0' } })
  } catch (error) {
    // An empty file has no first byte.
    if (!(error instanceof Refused && error.fromServer && error.status === 416)) throw error
  }
}

/** Deletes an upload. One that the server does not know (any more) counts as deleted. Else it throws. */
export async function discard(url: string): Promise<void> {
  try {
    await request('DELETE', url, new AbortController().signal, { keepalive: true })
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

/** Whether the server itself says that it no longer has the upload. */
export function isGone(error: unknown): boolean {
  return error instanceof Refused && error.fromServer && (error.status === 404 || error.status === 410)
}

/**
 * Where an upload lives, told by the Location of its creation. Only the id is taken from there:
 * behind a proxy the server may not know the name and path under which the page reaches it.
 */
export function uploadURL(location: string, endpoint: string): string {
  const id = new URL(location, endpoint).pathname.replace(/\/+$/, '').split('/').at(-1)!
  return new URL('./' + id, endpoint).href // an id like a:b alone would be a scheme
}

async function request(
  method: string,
  url: string,
  signal: AbortSignal,
  more: { keepalive?: boolean; headers?: { [name: string]: string } } = {},
): Promise<Response> {
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), 30_000)
  const stop = () => limit.abort()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    const response = await fetch(url, {
      method,
      cache: 'no-store',
      ...more,
      headers: { 'Tus-Resumable': '1.0.0', ...credentials(url), ...more.headers },
      signal: limit.signal,
    })
    // A success that the server itself did not report is none, e.g. the page of a captive portal.
    if (!response.ok || !response.headers.has('Tus-Resumable')) {
      throw new Refused(response.status, (name) => response.headers.get(name), await response.text())
    }
    return response
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(String(error))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}
