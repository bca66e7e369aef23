import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { axeFaults, chromiumPath, sharedBrowser } from '../cli/chromium.ts'
import { folderOf, nnlab } from '../cli/support.ts'
import { KINDS } from './kinds.ts'

const open = sharedBrowser()
let opened: Promise<Page> | undefined

/** Texts of drawings that are cut off at an edge. */
const OUTSIDE = `Array.from(document.querySelectorAll('svg text'), (text) => {
  const [own, all] = [text, text.closest('svg')].map((one) => one.getBoundingClientRect())
  const isInside = own.left > all.left - 2 && own.right < all.right + 2 && own.top > all.top - 2 && own.bottom < all.bottom + 2
  return isInside ? '' : text.textContent
}).filter(Boolean)`

/** Looks at a page on a phone. */
async function expectReadable(html: string): Promise<void> {
  const page = await (opened ??= open({ viewport: { width: 400, height: 900 } }))
  await page.setContent(html)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
  expect(await page.evaluate(OUTSIDE)).toEqual([])
  // Reports have the same colors, whose contrast another test looks at.
  expect(await axeFaults(page, 'all but contrast')).toEqual([])
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
      if (chromiumPath !== undefined) await expectReadable(page)
    },
  )
})
