import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium } from 'playwright-core'

import type { ProgramAnswer, ProgramRequest } from '../../src/exchange/program.ts'
import { checkPage, readAnswer } from '../../src/exchange/web/check-page.ts'
import { chromiumPath } from '../cli/chromium-path.ts'

/** Time, in ms, that a page has for its answer. */
const TIMEOUT = 30_000

/** What `nnlab export --format web` asks of a browser, of one page for many models: most of a check is the start. */
export type WebPeer = { ask(request: ProgramRequest): Promise<ProgramAnswer>; stop(): Promise<void> }

/** Writes what the page shows into the folder. */
export async function startWebPeer(folder: string): Promise<WebPeer> {
  const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] })
  const page = await browser.newPage()
  const path = join(folder, 'check.html')
  return {
    ask: async (request) => {
      writeFileSync(path, checkPage(request))
      await page.goto(pathToFileURL(path).href)
      // A page without an answer is read too: that is a miss, not the end of all comparisons.
      await page
        .waitForFunction('document.getElementById("answer").textContent !== ""', undefined, {
          timeout: TIMEOUT,
        })
        .catch(() => undefined)
      return readAnswer(await page.content(), browser.version(), request.names)
    },
    stop: () => browser.close(),
  }
}
