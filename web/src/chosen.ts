/** A file as the user chose it. */
export interface Chosen {
  file: File
  /** Where it is below the chosen folder, e.g. "folder/sub/name.ext"; else its bare name. */
  path: string
  /** Opens the file again after a reload; null where the browser gives none. */
  handle: FileSystemFileHandle | null
}

/** The last part of a path: the file's own name. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/**
 * Names a file as this browser sees it: equal fingerprints mean the same file, unchanged since.
 * The path is part of it, so equal files of two folders stay apart, and so is the endpoint,
 * because two servers may sit behind one origin.
 */
export function fingerprint(endpoint: string, path: string, size: number, modified: number): string {
  return JSON.stringify([endpoint, path, size, modified])
}
