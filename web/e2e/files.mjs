import { createHash, randomFillSync } from 'node:crypto'
import { closeSync, createReadStream, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Makes source files with random content in a directory that ends with the test. */
export class Sources {
  dir = mkdtempSync(join(tmpdir(), 'longhaul-source-'))

  /** Makes a file and returns its path. */
  make(name, size) {
    const path = join(this.dir, name)
    const file = openSync(path, 'w')
    const block = Buffer.alloc(1 << 20)
    for (let left = size; left > 0; left -= block.length) {
      writeSync(file, randomFillSync(block), 0, Math.min(left, block.length))
    }
    closeSync(file)
    return path
  }

  /** Makes a file with this content and returns its path. */
  write(name, content) {
    const path = join(this.dir, name)
    writeFileSync(path, content)
    return path
  }

  /** Changes some bytes of a file in place; its size stays. */
  overwrite(name, position) {
    const file = openSync(join(this.dir, name), 'r+')
    writeSync(file, 'changed', position)
    closeSync(file)
  }

  remove() {
    rmSync(this.dir, { recursive: true, force: true })
  }
}

export async function sha256(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
