import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()
const paths = ['trip/a.txt', 'trip/day 1/a.txt', 'trip/day 1/הטיול 😀.txt', 'trip/day 2/empty/a.txt']

/** Makes a folder with files of equal names and returns its path. */
function makeFolder() {
  for (const [i, path] of paths.entries()) {
    mkdirSync(join(stage.sources.dir, dirname(path)), { recursive: true })
    stage.sources.make(path, 1_000 + i)
  }
  mkdirSync(join(stage.sources.dir, 'trip/nothing in it'))
  return join(stage.sources.dir, 'trip')
}

/** Checks that all of the folder arrived, with its paths. */
async function folderArrived(tab) {
  await tab.page.getByText('4 files uploaded', { exact: true }).waitFor()
  for (const path of paths) await stage.arrived(path, join(stage.sources.dir, path))
}

test('a dropped folder arrives with its paths', async () => {
  const tab = await stage.direct()
  await tab.drop(makeFolder())
  await folderArrived(tab)
  assert.deepEqual([tab.count('POST'), tab.count('PATCH')], [4, 0], 'small files travel with their creation')
})

test('a folder is dropped on a page without a secure context', async () => {
  const url = new URL(stage.server.url)
  url.hostname = 'longhaul.example'
  const tab = await stage.open(url.href)
  await tab.drop(makeFolder())
  await folderArrived(tab)
})

test('a chosen folder arrives with its paths', async () => {
  const tab = await stage.direct()
  const folder = makeFolder()
  await tab.page.evaluate(() => delete window.showDirectoryPicker)
  const chooser = tab.page.waitForEvent('filechooser')
  await tab.page.getByRole('button', { name: 'Choose a folder' }).click()
  await (await chooser).setFiles(folder)
  await folderArrived(tab)
})

test('an empty folder says so', async () => {
  const tab = await stage.direct()
  mkdirSync(join(stage.sources.dir, 'void'))
  await tab.drop(join(stage.sources.dir, 'void'))
  await tab.page.getByText('There are no files in it').waitFor()
})

test('what the pickers give goes on by itself after a reload', async () => {
  const tab = await stage.proxied()
  // No dialog can be answered here: the picker gives a file of the browser's own file system.
  await tab.page.addInitScript(() => {
    window.showOpenFilePicker = async () => {
      const root = await navigator.storage.getDirectory()
      const handle = await root.getFileHandle('picked.bin', { create: true })
      const stream = await handle.createWritable()
      await stream.write(new Uint8Array(40 << 20).map((_, i) => i % 251))
      await stream.close()
      return [handle]
    }
  })
  await tab.page.reload()
  stage.proxy.limit = 20 * MiB
  await tab.page.getByRole('button', { name: 'Choose files' }).click()
  await tab.reaches('picked.bin', 50)
  await tab.page.reload()
  stage.proxy.limit = 0
  await tab.in('done', 'picked.bin').getByText('Continued at').waitFor()
  const source = stage.sources.write('picked.bin', Buffer.alloc(40 * MiB).map((_, i) => i % 251))
  await stage.arrived('picked.bin', source)
})

test('a pasted picture is uploaded', async () => {
  const tab = await stage.direct()
  await tab.page.evaluate(() => {
    const clipboardData = new DataTransfer()
    clipboardData.items.add(new File(['pixels'], 'image.png', { type: 'image/png' }))
    document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true }))
  })
  await tab.in('done', 'image.png').waitFor()
  await stage.arrived('image.png', stage.sources.write('pixels', 'pixels'))
})
