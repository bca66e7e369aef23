import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll } from 'vitest'

import { chromiumPath } from './chromium-path.ts'

/** Opens pages in a browser that the tests of a file share. */
export function sharedBrowser(): (options?: BrowserContextOptions) => Promise<Page> {
  let browser: Promise<Browser> | undefined
  afterAll(async () => (await browser)?.close())
  return async (options) => {
    browser ??= chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] })
    return (await browser).newPage({ bypassCSP: true, ...options })
  }
}

/**
 * The faults that axe finds in what a page shows. It reads its half a megabyte once for all contents that are set in a
 * page. The contrast of colors takes it longer than all other rules.
 */
export async function axeFaults(
  page: Page,
  rules: 'all' | 'all but contrast' | 'contrast',
): Promise<unknown> {
  if (!(await page.evaluate('"axe" in window'))) await page.addScriptTag({ content: axe.source })
  const options = {
    all: {},
    'all but contrast': { rules: { 'color-contrast': { enabled: false } } },
    contrast: { runOnly: ['color-contrast'] },
  }
  return page.evaluate(
    `axe.run(${JSON.stringify({ resultTypes: ['violations'], ...options[rules] })}).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))`,
  )
}
