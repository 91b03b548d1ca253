import { Refused } from './errors.ts'

const first = 64 << 20
const least = 512 << 10

/**
 * The largest body that what stands before the server lets through. One request for all is the
 * fastest; only proxies that refuse large bodies need more of them.
 */
export class Cap {
  /** Bytes of a request; Infinity until a proxy refuses. */
  bytes = Infinity

  /** Whether smaller requests may help against the error; then the next ones are smaller. */
  lower(error: unknown): boolean {
    const capped = error instanceof Refused && error.status === 413 && !error.fromServer
    if (!capped || this.bytes <= least) return false
    this.bytes = Math.min(first, this.bytes / 2)
    return true
  }
}
