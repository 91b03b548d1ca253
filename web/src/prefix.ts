import { crc32c } from './crc32c.ts'
import { eachSlice } from './slices.ts'

/** Returns the CRC-32C of the first length bytes of file. Rejects as eachSlice does. */
export async function prefixDigest(
  file: Blob,
  length: number,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<number> {
  let crc = 0
  await eachSlice(file, length, signal, (bytes) => (crc = crc32c(crc, bytes)), progress)
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
