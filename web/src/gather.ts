import type { Chosen } from './chosen.ts'

type Handle = FileSystemFileHandle | FileSystemDirectoryHandle

/** Is told the path of each file or folder that cannot be read. */
export type Skip = (path: string) => void

/** The files of a file input, with their paths where it chose a folder. */
export async function* fromInput(files: Iterable<File>): AsyncGenerator<Chosen> {
  for (const file of files) yield { file, path: file.webkitRelativePath || file.name, handle: null }
}

/** The files behind handles, folders walked through. */
export async function* fromHandles(handles: Iterable<Handle>, skip: Skip): AsyncGenerator<Chosen> {
  for (const handle of handles) yield* walk(handle, handle.name, skip)
}

/**
 * Everything that was dropped or pasted, folders walked through. To be called while the event
 * runs: afterwards the browser takes its data away.
 */
export function fromTransfer(data: DataTransfer, skip: Skip): AsyncGenerator<Chosen> {
  const roots = [...data.items]
    .filter((item) => item.kind === 'file')
    .map((item) => ({
      // Chromium shows the method to insecure contexts too, but to call it there kills the page.
      handle: isSecureContext ? item.getAsFileSystemHandle?.().catch(() => null) : undefined,
      entry: item.webkitGetAsEntry(),
      file: item.getAsFile(),
    }))
  return fromRoots(roots, skip)
}

interface Root {
  handle: Promise<Handle | null> | undefined
  entry: FileSystemEntry | null
  file: File | null
}

async function* fromRoots(roots: Root[], skip: Skip): AsyncGenerator<Chosen> {
  for (const { handle, entry, file } of roots) {
    const opened = await handle
    if (opened) yield* walk(opened, opened.name, skip)
    else if (entry?.isDirectory) yield* walkEntry(entry, skip)
    else if (file) yield { file, path: file.name, handle: null }
  }
}

async function* walk(handle: Handle, path: string, skip: Skip): AsyncGenerator<Chosen> {
  try {
    if (handle.kind === 'file') {
      yield { file: await handle.getFile(), path, handle }
      return
    }
    for await (const child of handle.values()) yield* walk(child as Handle, `${path}/${child.name}`, skip)
  } catch {
    skip(path)
  }
}

/** The older way to walk a folder, which every browser has, also without a secure context. */
async function* walkEntry(entry: FileSystemEntry, skip: Skip): AsyncGenerator<Chosen> {
  try {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
      yield { file, path: entry.fullPath.slice(1), handle: null }
      return
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader()
    for (;;) {
      // A reader gives a hundred entries at a time, and none when it is through.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
      if (some.length === 0) return
      for (const child of some) yield* walkEntry(child, skip)
    }
  } catch {
    skip(entry.fullPath.slice(1))
  }
}
