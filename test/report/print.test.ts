import { describe, expect, it } from 'vitest'

import { PAGE_STYLE } from '../../src/report/page/style.ts'
import { chromiumPath } from '../cli/chromium-path.ts'
import { sharedBrowser } from '../cli/chromium.ts'

describe.skipIf(chromiumPath === undefined)('a printed page (needs Chromium)', { timeout: 60_000 }, () => {
  const open = sharedBrowser()

  it('has no column of single letters beside many others', async () => {
    const label = 'a long label of a class that a person wrote into the table'
    const numbers = '<td class="n">123.456</td>'.repeat(14)
    const page = await open({ viewport: { width: 690, height: 900 } })
    await page.emulateMedia({ media: 'print' })
    await page.setContent(
      `<style>${PAGE_STYLE}</style><div class="scroll"><table><tbody><tr><td class="long">${label}</td>${numbers}</tr></tbody></table></div>`,
    )
    const width = await page.evaluate('document.querySelector(".long").getBoundingClientRect().width')
    expect(width).toBeGreaterThan(40)
  })
})
