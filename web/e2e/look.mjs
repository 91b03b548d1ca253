import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const shots = join(import.meta.dirname, 'screenshots')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
mkdirSync(shots, { recursive: true })

const views = [
  { name: 'light', scheme: 'light', width: 1000, height: 800 },
  { name: 'dark', scheme: 'dark', width: 1000, height: 800 },
  { name: 'narrow', scheme: 'light', width: 320, height: 720 },
  { name: 'narrow-dark', scheme: 'dark', width: 320, height: 720 },
  // 1000 by 800 at 200 %.
  { name: 'zoomed', scheme: 'light', width: 500, height: 400 },
  { name: 'forced', scheme: 'light', width: 1000, height: 800, forced: 'active' },
]

/** Takes a picture of a state in every view, and lets axe look at each. */
export async function look(tab, state) {
  for (const { name, scheme, width, height, forced = 'none' } of views) {
    await tab.page.setViewportSize({ width, height })
    await tab.page.emulateMedia({ colorScheme: scheme, forcedColors: forced, reducedMotion: 'reduce' })
    await tab.page.screenshot({ path: join(shots, `${state}-${name}.png`) })
    await tab.page.evaluate(axe)
    const { violations } = await tab.page.evaluate(() => window.axe.run())
    const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)
    assert.deepEqual(found, [], `axe on ${state}, ${name}`)
    const overflow = await tab.page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    assert.ok(overflow <= 0, `${state}, ${name}: ${overflow} px wider than the window`)
  }
  // A page that is loaded under forced colours keeps their background afterwards.
  await tab.page.emulateMedia({ forcedColors: 'none' })
}
