import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, test } from 'node:test'
import { launchProfile, Tab } from './browser.mjs'
import { MiB, setUp } from './stage.mjs'

const stage = setUp()
const profile = mkdtempSync(join(tmpdir(), 'longhaul-profile-'))
after(() => rmSync(profile, { recursive: true, force: true }))

for (const [how, take, then] of [
  ['dropped', (tab, source) => tab.drop(source), () => {}],
  // A file input gives nothing that could be opened again.
  ['chosen', (tab, source) => tab.choose(source), chooseAgain],
]) {
  test(`a browser that is killed early goes on with a file that was ${how}`, async () => {
    const source = stage.sources.make('crash.bin', 60 * MiB)
    allow(stage.proxy.url, source)
    await crash((tab) => take(tab, source))
    const context = await launchProfile(profile)
    try {
      const tab = await Tab.open(context, stage.proxy.url)
      await then(tab, source)
      await tab.in('done', 'crash.bin').getByText('Continued at').waitFor()
      await stage.arrived('crash.bin', source)
      assert.equal(stage.proxy.count('POST'), 1)
      assert.ok(stage.proxy.requests.at(-1).offset > 0)
    } finally {
      await context.close()
    }
  })
}

async function chooseAgain(tab, source) {
  await tab.row('crash.bin').getByText('are on the server').waitFor()
  await tab.choose(source)
}

/** Sends about half of what begin takes, then kills the browser. */
async function crash(begin) {
  const context = await launchProfile(profile)
  const tab = await Tab.open(context, stage.proxy.url)
  stage.proxy.limit = 20 * MiB
  await begin(tab)
  await tab.reaches('crash.bin', 50)
  const closed = context.waitForEvent('close')
  process.kill(browserOf(profile), 'SIGKILL')
  await closed
  stage.proxy.limit = 0
}

/** Lets the origin read the file on every visit, as a user of this profile would have answered before. */
function allow(url, path) {
  const origin = `${new URL(url).origin},*`
  const file = { 'display-name': basename(path), 'is-directory': false, path, readable: true }
  const exceptions = {
    file_system_access_extended_permission: { [origin]: { setting: 1 } },
    file_system_access_chooser_data: { [origin]: { setting: { 'chosen-objects': [file] } } },
  }
  mkdirSync(join(profile, 'Default'), { recursive: true })
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: { content_settings: { exceptions } } }))
}

/** The process of the browser that runs on the profile: the one that is nobody's helper. */
function browserOf(profile) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      if (args.includes(`--user-data-dir=${profile}`) && !args.some((arg) => arg.startsWith('--type='))) return Number(pid)
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error('no browser runs on the profile')
}
