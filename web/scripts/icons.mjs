// Draws the icons of the manifest from the mark: node scripts/icons.mjs
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../e2e/browser.mjs'

const web = join(import.meta.dirname, '..')
const mark = readFileSync(join(web, 'src/mark.svg'), 'utf8')
// What cuts the icon to a shape of its own, or rounds it itself, wants colour up to the edge.
const square = mark.replace(' rx="9"', '')
const within = (svg, share) => {
  const [at, side] = [16 - 16 / share, 32 / share]
  return svg.replace('viewBox="0 0 32 32"', `viewBox="${at} ${at} ${side} ${side}"`)
}

const icons = [
  { name: 'icon-192.png', size: 192, svg: mark },
  { name: 'icon-512.png', size: 512, svg: mark },
  { name: 'icon-maskable-512.png', size: 512, svg: within(square, 0.8), edge: '#1f6f5c' },
  { name: 'icon-apple-180.png', size: 180, svg: square },
]

const browser = await launch()
const page = await browser.newPage()
for (const { name, size, svg, edge = 'transparent' } of icons) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body{margin:0;background:${edge}}svg{display:block;width:${size}px}</style>${svg}`)
  await page.screenshot({ path: join(web, 'public', name), omitBackground: true })
}
await browser.close()
