import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import type { ProgramAnswer, ProgramRequest } from '../program.ts'
import { checkPage, readAnswer } from './check-page.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage']
/** Time, in ms, of the clock in the page and of our own. */
const [VIRTUAL_TIME, TIMEOUT] = [60_000, 120_000]

/** Predictions of an exported folder in Chromium, from a page on disk. */
export async function inChromium(request: ProgramRequest): Promise<ProgramAnswer> {
  const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
  if (browser === undefined) return { absent: `none of ${BROWSERS.join(', ')} is here` }
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-web-'))
  try {
    const page = join(folder, 'check.html')
    await writeFile(page, checkPage(request))
    const time = [`--virtual-time-budget=${VIRTUAL_TIME}`, `--user-data-dir=${join(folder, 'profile')}`]
    const dom = await outputOf(browser, [...FLAGS, ...time, '--dump-dom', pathToFileURL(page).href])
    const version = /[\d.]+/.exec(spawnSync(browser, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? ''
    return readAnswer(dom, version, request.names)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: TIMEOUT, maxBuffer: 2 ** 30 }, (_, stdout) => resolve(stdout))
  })
}
