import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { folderOf, nnlab } from '../cli/support.ts'
import { KINDS } from './kinds.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
)
let browser: Browser | undefined
beforeAll(async () => {
  if (executablePath !== undefined)
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
})
afterAll(() => browser?.close())

/** Looks at a page on a phone. */
async function expectReadable(opened: Browser, file: string): Promise<void> {
  const page = await opened.newPage({ viewport: { width: 400, height: 900 }, bypassCSP: true })
  await page.goto(pathToFileURL(file).href)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
  await page.addScriptTag({ content: axe.source })
  const found: unknown = await page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))',
  )
  expect(found).toEqual([])
  await page.close()
}

/** What a number or a value that was forgotten looks like. */
const FORGOTTEN = /.{0,40}(\bNaN\b|\bundefined\b|\[object|\bInfinity\b).{0,20}/

describe('a report, and evaluate --explain', { timeout: 120_000 }, () => {
  it.each(Object.entries(KINDS))(
    'of %s show no forgotten value and are readable',
    async (_, { config, files }) => {
      const cwd = await folderOf({ 'nnlab.yaml': config, ...files })
      for (const argv of [['train'], ['report', '-o', 'report.html'], ['evaluate', '--explain']]) {
        const [command = '', ...rest] = argv
        const { code, stdout, stderr } = await nnlab([command, 'nnlab.yaml', ...rest, '--quiet'], { cwd })
        expect(code, stderr).toBe(0)
        expect(FORGOTTEN.exec(stdout)?.[0]).toBeUndefined()
      }
      const page = await readFile(join(cwd, 'report.html'), 'utf8')
      expect(FORGOTTEN.exec(page)?.[0]).toBeUndefined()
      expect(page.length).toBeLessThan(1_000_000)
      if (browser) await expectReadable(browser, join(cwd, 'report.html'))
    },
  )
})
