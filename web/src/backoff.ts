const first = 1_000
const longest = 30_000

/**
 * Milliseconds to wait before try number tries (0 is the first retry): doubling from one second
 * to thirty, between half and all of it at random, so that a thousand pages do not come back to
 * a restarted server at once. A server's own wish (Retry-After, ms) is the least.
 */
export function backoff(tries: number, wish = 0, random: () => number = Math.random): number {
  const ceiling = Math.min(longest, first * 2 ** Math.min(tries, 10))
  return Math.max(wish, ceiling * (0.5 + random() / 2))
}
