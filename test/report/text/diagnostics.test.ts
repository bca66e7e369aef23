import { describe, expect, it } from 'vitest'

import type { Diagnostic } from '../../../src/diagnostic.ts'
import { diagnosticsGithub, validationJson, renderDiagnostics } from '../../../src/report/text/diagnostics.ts'
import { excerpt } from '../../../src/report/text/excerpt.ts'
import { render } from '../../../src/report/text/terminal-text.ts'

const mistake: Diagnostic = {
  severity: 'error',
  code: 'type',
  message: 'expected a number, got "a,b: 100%"',
  file: '/lab/a.yaml',
  line: 2,
  column: 9,
  length: 3,
  path: 'fit.epochs',
  hint: 'remove the quotes',
}
const sources = new Map([['/lab/a.yaml', 'fit:\n  epoch: abc\n']])

describe('diagnostics', () => {
  it('are coloured on request only', () => {
    const style = { width: 80, cwd: '/lab' }
    const text = renderDiagnostics([mistake], sources, style)
    expect(render(text, true, 80)).toContain('\u001b[31m')
    expect(render(text, false, 80)).not.toContain('\u001b')
  })

  it('have hints as wide as the terminal at most', () => {
    const hint = 'training logs: loss, accuracy, val_loss, val_accuracy'
    const text = render(
      renderDiagnostics([{ ...mistake, hint }], sources, { width: 30, cwd: '/lab' }),
      false,
      30,
    )
    expect(text).toContain('\n  = training logs: loss,\n    accuracy, val_loss,\n    val_accuracy\n')
  })

  it('are JSON without the length of the mark', () => {
    const { length: _, ...expected } = mistake
    expect(validationJson([{ file: 'a.yaml', ok: false, diagnostics: [mistake] }])).toEqual({
      ok: false,
      diagnostics: [expected],
    })
  })

  it('are workflow commands for GitHub, escaped', () => {
    expect(render(diagnosticsGithub([mistake], '/lab'), false, Infinity)).toBe(
      '::error file=a.yaml,line=2,col=9,endColumn=12,title=type::expected a number, got "a,b: 100%25" (remove the quotes)\n',
    )
  })
})

describe('an excerpt', () => {
  it.each([
    ['short', 'epochs: none', 9, 4, 40],
    ['tabs', '\tepochs:\tnone', 10, 4, 40],
    ['wide characters', 'name: 層の名前 # 🎉', 7, 4, 40],
    ['a long line', `${'a'.repeat(50)}HERE${'b'.repeat(50)}`, 51, 4, 20],
    ['a long mark', 'x'.repeat(100), 11, 60, 20],
    ['the end of a line', 'epochs', 7, 1, 20],
    ['control characters', 'a\u001b[31mb', 2, 1, 20],
  ])('fits into its width: %s', (_, line, column, length, width) => {
    const { text, mark } = excerpt(line, column, length, width)
    expect(`${text}\n${mark}`).toMatchSnapshot()
  })
})
