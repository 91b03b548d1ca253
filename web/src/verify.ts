import { ArrivedOther } from './errors.ts'

// About a second of a phone's processor; larger files are compared when the user asks.
const largest = 64 << 20

/**
 * Compares the SHA-256 that the server tells of what arrived with the file's own, if the file is
 * small enough for that to take no time; progress tells the bytes so far. False if it was not
 * compared. Rejects with ArrivedOther, when the file cannot be read or signal aborts.
 */
export async function verify(
  file: File,
  told: string | null,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<boolean> {
  if (!told || file.size > largest) return false
  const hash = await import('./sha256.ts').catch(() => null)
  // That the module did not arrive says nothing about the file.
  if (!hash) return false
  const ours = await hash.sha256Of(file, signal, (bytes) => {
    if (!signal.aborted && bytes < file.size) progress(bytes)
  })
  if (ours !== told) throw new ArrivedOther()
  return true
}
