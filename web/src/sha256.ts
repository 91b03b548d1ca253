import { sha256 } from '@noble/hashes/sha2.js'
import { hexOf } from './digest.ts'
import { eachSlice } from './slices.ts'

/** Returns the SHA-256 of a file as hex digits. Rejects as eachSlice does. */
export async function sha256Of(file: Blob, signal: AbortSignal, progress: (bytes: number) => void): Promise<string> {
  // The browser's own SHA-256 wants the whole file in memory, and plain http has none.
  const hash = sha256.create()
  await eachSlice(file, file.size, signal, (bytes) => hash.update(bytes), progress)
  return hexOf(hash.digest())
}
