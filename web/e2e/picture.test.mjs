import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setUp } from './stage.mjs'

const stage = setUp()

/** The colour in the middle of a row's picture, as red, green, blue. */
function middle(tab, name) {
  return tab.row(name).locator('canvas.picture').evaluate((canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d')
    copy.drawImage(canvas, 0, 0)
    return [...copy.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data.slice(0, 3)]
  })
}

/** Has the browser make a file that shows one colour, and returns its path. */
async function make(tab, name, type) {
  const bytes = await tab.page.evaluate(async (type) => {
    const canvas = new OffscreenCanvas(640, 360)
    const context = canvas.getContext('2d')
    context.fillStyle = '#c02040'
    context.fillRect(0, 0, 640, 360)
    if (type.startsWith('image/')) return [...new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer())]
    const screen = document.createElement('canvas')
    screen.width = 640
    screen.height = 360
    const draw = () => screen.getContext('2d').drawImage(canvas, 0, 0)
    const recorder = new MediaRecorder(screen.captureStream(10), { mimeType: type })
    const parts = []
    recorder.ondataavailable = ({ data }) => parts.push(data)
    recorder.start()
    for (let i = 0; i < 10; i++) {
      draw()
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await new Promise((resolve) => {
      recorder.onstop = resolve
      recorder.stop()
    })
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())]
  }, type)
  return stage.sources.write(name, Buffer.from(bytes))
}

for (const [name, type] of [['beach.png', 'image/png'], ['film.webm', 'video/webm']]) {
  test(`${type} has a picture in its row`, async () => {
    const tab = await stage.direct()
    await tab.choose(await make(tab, name, type))
    const [red, green, blue] = await middle(tab, name)
    assert.ok(red > 150 && green < 80 && blue < 110, `${red} ${green} ${blue}`)
    await tab.in('done', name).waitFor()
  })
}

test('what is no picture though its name says so keeps its icon', async () => {
  const tab = await stage.direct()
  await tab.choose(stage.sources.make('noise.png', 10_000), stage.sources.make('noise.mp4', 10_000))
  await tab.page.getByText('2 files uploaded', { exact: true }).waitFor()
  await tab.row('noise.mp4').locator('svg.icon').waitFor()
  assert.equal(await tab.page.locator('canvas').count(), 0)
})
