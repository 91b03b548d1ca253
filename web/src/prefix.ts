import { crc32c } from './crc32c.ts'

// Large enough that reading dominates, small enough that no frame waits for it.
const slice = 2 << 20

/**
 * Returns the CRC-32C of the first length bytes of file. Each slice is read and digested on its
 * own, so the page stays at hand; progress tells the bytes so far. Rejects when the file cannot
 * be read or signal aborts.
 */
export async function prefixDigest(
  file: Blob,
  length: number,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<number> {
  let crc = 0
  for (let at = 0; at < length; at += slice) {
    signal.throwIfAborted()
    const end = Math.min(at + slice, length)
    crc = crc32c(crc, new Uint8Array(await file.slice(at, end).arrayBuffer()))
    progress(end)
  }
  return crc
}

/** Whether the file can still be read. Browsers refuse once it changed on disk after it was chosen. */
export async function readable(file: Blob): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer()
    return true
  } catch {
    return false
  }
}
