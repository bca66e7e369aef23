import fc from 'fast-check'
import { expect, it } from 'vitest'

import { documentOf, markup } from '../../../src/report/page/html.ts'

it('what is put into a template is text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const page = documentOf(markup`<p title="${text}">${[text, markup`<b>${text}</b>`]}</p>`)
      const inside = /^<p title="([^"<]*)">([^<]*)<b>([^<]*)<\/b><\/p>$/s.exec(page)?.slice(1) ?? []
      expect(inside).toHaveLength(3)
      for (const part of inside) expect(part).not.toMatch(/[<>"']/)
    }),
  )
})

it('shows control characters, which no page may hold, as a replacement', () => {
  expect(documentOf(markup`${'a\u0000\u001b\n\tb'}`)).toBe('a\ufffd\ufffd\n\tb')
})
