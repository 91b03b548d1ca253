// Takes the two pictures of the README: node scripts/screenshots.mjs
import { join } from 'node:path'
import { launch, Tab } from '../e2e/browser.mjs'
import { Sources } from '../e2e/files.mjs'
import { Proxy } from '../e2e/proxy.mjs'
import { Server } from '../e2e/server.mjs'

const MiB = 1 << 20
const shots = join(import.meta.dirname, '../screenshots')
const server = await Server.start()
const proxy = await Proxy.start(server.url)
const sources = new Sources()
const browser = await launch()
try {
  const context = await browser.newContext({ viewport: { width: 800, height: 620 }, reducedMotion: 'reduce' })
  const tab = await Tab.open(context, proxy.url)
  await tab.choose(sources.make('Shot list.pdf', 300_000))
  await tab.in('done', 'Shot list.pdf').waitFor()
  proxy.limit = 2 * MiB
  await tab.choose(sources.make('Harbour at dawn, take 3.mov', 90 * MiB), sources.make('Sound.wav', 30 * MiB))
  await tab.reaches('Harbour', 10)
  await tab.row('Harbour').getByText('left').waitFor()
  await tab.row('Sound.wav').getByText('left').waitFor()
  for (const colorScheme of ['light', 'dark']) {
    await tab.page.emulateMedia({ colorScheme })
    await tab.page.screenshot({ path: join(shots, `${colorScheme}.png`) })
  }
} finally {
  await browser.close()
  await proxy.stop()
  await server.stop()
  sources.remove()
}
