/** The path below the chosen folder where there is one, else the bare name. */
export function pathOf(file: File): string {
  return file.webkitRelativePath || file.name
}

/**
 * Names a file as this browser sees it: equal fingerprints mean the same file, unchanged since.
 * The path is part of it, so equal files of two folders stay apart, and so is the endpoint,
 * because two servers may sit behind one origin.
 */
export function fingerprint(endpoint: string, path: string, size: number, modified: number): string {
  return JSON.stringify([endpoint, path, size, modified])
}
