import { type DetailedError, type HttpResponse, Upload as Tus } from 'tus-js-client'
import { nameOf } from './chosen.ts'
import { credentials } from './credentials.ts'
import { OtherContent, Refused, Stalled, Unreachable } from './errors.ts'
import { extentOf, uploadURL } from './server.ts'

// Longer than any buffer on the way takes to drain: nothing is gained by cutting a slow link.
const stallMs = 120_000
// A question without a body needs no such patience, but has to outlast the server's locks.
const answerMs = 30_000
// A file up to this size travels with its creation: a folder of many small ones takes half as
// long. A creation that breaks off has to be sent again whole, so no more than this.
const small = 256 << 10

export interface Attempt {
  file: File
  /** Where it is below the chosen folder, or its bare name. */
  path: string
  endpoint: string
  /** The upload to continue, null to create one. */
  url: string | null
  /** Bytes of a request at most. */
  most: number
  /** Stops the attempt; the promise then rejects. */
  signal: AbortSignal
  /** The upload was created and lives here. Small files are acknowledged before, all others sent after. */
  created(url: string): void
  /** The server acknowledged this many bytes. */
  acknowledged(bytes: number): void
  /** This many bytes left the browser. */
  sent(bytes: number): void
}

/**
 * Sends the rest of the file, in one request unless there is a limit. Resolves when the server holds all of it, with the
 * digests that it told then (Repr-Digest, RFC 9530), null without; rejects with Refused, Unreachable, Stalled or OtherContent, or when signal aborts. It never tries twice.
 *
 * A creation under way is not cut off: it could leave an upload whose URL nobody knows. When
 * signal aborts meanwhile, the promise rejects after created was called.
 */
export function attempt(a: Attempt): Promise<string | null> {
  const watch = new Watch()
  const over = new AbortController()
  return new Promise<string | null>((resolve, reject) => {
    let digests: string | null = null
    let creating = a.url === null
    const tus = new Tus(a.file, {
      // Without an endpoint the library cannot answer a failed HEAD, e.g. a proxy's 502, by
      // creating a second upload and sending everything again.
      endpoint: a.url === null ? a.endpoint : null,
      uploadUrl: a.url,
      metadata: metadata(a),
      uploadDataDuringCreation: a.url === null && a.file.size > 0 && a.file.size <= Math.min(small, a.most),
      // Later the server could only compute it by reading everything again.
      headers: { 'Want-Repr-Digest': 'sha-256=1', ...credentials(a.endpoint) },
      chunkSize: a.most,
      retryDelays: null,
      storeFingerprintForResuming: false,
      fingerprint: () => Promise.resolve(''),
      onBeforeRequest: (request) => {
        watch.moved(request.getMethod() === 'PATCH' ? stallMs : answerMs)
        // The library forgets an abort that comes while it opens the file.
        if (a.signal.aborted) throw a.signal.reason
      },
      onAfterResponse: (request, response) => {
        if (response.getStatus() >= 300) return
        if (request.getMethod() === 'HEAD') checkLength(response, a.file.size)
        const offset = response.getHeader('Upload-Offset')
        if (offset) a.acknowledged(Number(offset))
        digests = response.getHeader('Repr-Digest') ?? null
      },
      onUploadUrlAvailable: () => {
        if (!creating) return
        creating = false
        tus.url = uploadURL(tus.url!, a.endpoint)
        a.created(tus.url)
        if (a.signal.aborted) stop()
      },
      onProgress: (bytes) => {
        if (bytes === a.file.size) watch.rest()
        else watch.moved(stallMs)
        a.sent(bytes)
      },
      onSuccess: () => resolve(digests),
      onError: (error) => reject(plain(error)),
    })
    const stop = () => {
      if (creating) return
      void tus.abort()
      reject(a.signal.reason)
    }
    watch.stalled = () => {
      void tus.abort()
      reject(new Stalled())
    }
    a.signal.addEventListener('abort', stop, { signal: over.signal })
    tus.start()
  }).finally(() => {
    watch.rest()
    over.abort()
  })
}

/** Calls stalled when nothing moved for a long time. */
class Watch {
  stalled: () => void = () => {}
  #timer: ReturnType<typeof setTimeout> | undefined

  moved(patience: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.stalled(), patience)
  }

  /** Stops watching: all is sent, and how long the server or a proxy takes now is theirs. */
  rest(): void {
    clearTimeout(this.#timer)
  }
}

function metadata({ file, path }: Attempt): { [key: string]: string } {
  const name = nameOf(path)
  return {
    filename: name,
    ...(path !== name && { relativePath: path }),
    ...(file.type && { filetype: file.type }),
  }
}

function checkLength(response: HttpResponse, size: number): void {
  const { length } = extentOf(response.getStatus(), (name) => response.getHeader(name) ?? null)
  if (length !== size) throw new OtherContent()
}

function plain(error: Error | DetailedError): Error {
  const { originalResponse: response, causingError: cause } = error as Partial<DetailedError>
  if (response) {
    return new Refused(response.getStatus(), (name) => response.getHeader(name) ?? null, response.getBody() ?? '')
  }
  return cause instanceof OtherContent || cause instanceof Refused ? cause : new Unreachable(error.message)
}
