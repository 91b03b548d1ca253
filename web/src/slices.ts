// Large enough that reading dominates, small enough that no frame waits for it.
const slice = 2 << 20

/**
 * Hands the first length bytes of file to take, slice by slice, so that the page stays at hand;
 * progress tells the bytes so far. Rejects when the file cannot be read or signal aborts.
 */
export async function eachSlice(
  file: Blob,
  length: number,
  signal: AbortSignal,
  take: (bytes: Uint8Array) => void,
  progress: (bytes: number) => void,
): Promise<void> {
  for (let at = 0; at < length; at += slice) {
    signal.throwIfAborted()
    const end = Math.min(at + slice, length)
    take(new Uint8Array(await file.slice(at, end).arrayBuffer()))
    progress(end)
  }
}
