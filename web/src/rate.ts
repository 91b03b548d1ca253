const windowMs = 12_000
const warmupMs = 1_500

interface Sample {
  at: number
  bytes: number
}

/**
 * Speed and remaining time of a transfer. Speed is the mean over the last seconds, so that bursts
 * of the browser's buffers do not show; the remaining time counts down steadily and is corrected
 * only when it is clearly wrong. Times are ms of any steady clock.
 */
export class Rate {
  #samples: Sample[] = []
  #end: number | null = null

  /** Begins anew, e.g. after a pause: the gap says nothing about the link. */
  reset(): void {
    this.#samples = []
    this.#end = null
  }

  /** Notes that bytes of the transfer were there at this time. */
  note(bytes: number, now: number): void {
    const s = this.#samples
    const last = s.at(-1)
    // Four samples a second are enough; the newest always stands at the end.
    if (last && s.length > 1 && last.at - s.at(-2)!.at < 250) s.pop()
    s.push({ at: now, bytes })
    while (s.length > 2 && s[1]!.at < now - windowMs) s.shift()
  }

  /** Bytes per second, 0 while unknown. A stalled transfer sinks towards 0. */
  speed(now: number): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (!first || !last || now - first.at < warmupMs) return 0
    return (1_000 * (last.bytes - first.bytes)) / (now - first.at)
  }

  /** Seconds until the rest is there, null while unknown. */
  remaining(rest: number, now: number): number | null {
    const speed = this.speed(now)
    if (speed <= 0) return null
    const fresh = rest / speed
    const promised = this.#end === null ? NaN : (this.#end - now) / 1_000
    // Keep the promise while the estimate stays near it: a number that jumps is worth nothing.
    if (promised > 0 && Math.abs(fresh - promised) <= Math.max(3, 0.2 * promised)) return promised
    this.#end = now + fresh * 1_000
    return fresh
  }
}
