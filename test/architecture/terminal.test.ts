import ts from 'typescript'
import { describe, expect, it } from 'vitest'

import { Screen } from '../../src/report/text/screen.ts'
import { importsOf, sourceFiles } from './source-files.ts'
import type { SourceFile } from './source-files.ts'

const files = sourceFiles()

/** The files that hold a node like this. */
function holding(isSuch: (node: ts.Node) => boolean): string[] {
  return files.filter(({ nodes }) => nodes.some(isSuch)).map(({ path }) => path)
}

describe('the standard streams', () => {
  it('are written to through a screen alone', () => {
    const reads = (pattern: RegExp) =>
      holding((node) => ts.isPropertyAccessExpression(node) && pattern.test(node.getText()))
    expect(reads(/^(globalThis\.)?process\.std(out|err)$/)).toEqual(['src/cli/main.ts'])
    expect(reads(/^(globalThis\.)?console\./)).toEqual([])
    expect(reads(/\.(emitWarning|_rawDebug)$/)).toEqual([])
    expect(reads(/\.barStream$/)).toEqual(['src/report/text/bars.ts'])
    expect(holding((node) => ts.isCallExpression(node) && /\bwrite\w*\([12],/.test(node.getText()))).toEqual(
      [],
    )
    expect(holding((node) => ts.isNewExpression(node) && node.getText().startsWith('new Screen('))).toEqual([
      'src/cli/io.ts',
      'src/cli/main.ts',
    ])
  })

  it('are drawn on by bars alone', () => {
    const drawing = (file: SourceFile) => importsOf(file).some(({ to }) => to === 'cli-progress')
    expect(files.filter(drawing).map(({ path }) => path)).toEqual(['src/report/text/bars.ts'])
  })

  it('get escape sequences from two files alone', () => {
    const escapes = holding(
      (node) =>
        (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) &&
        /\\(u001b|x1b|e|033)/i.test(node.getText()),
    )
    expect(escapes).toEqual(['src/report/text/bars.ts', 'src/report/text/terminal-text.ts'])
  })

  it('take no plain strings, as the type checker sees', () => {
    const screen = new Screen(process.stdout, {})
    // @ts-expect-error A string is no text for a terminal.
    const write = (): void => screen.write('text')
    expect(write).toBeTypeOf('function')
  })
})

it('templates with a tag are in ASCII, as the bundle is: their characters stand in it as they are', () => {
  const wrong = files.flatMap(({ path, nodes }) =>
    nodes
      .filter(ts.isTaggedTemplateExpression)
      .flatMap(({ template }): readonly { readonly text: string }[] =>
        ts.isTemplateExpression(template)
          ? [template.head, ...template.templateSpans.map(({ literal }) => literal)]
          : [template],
      )
      .filter((part) => /[^\x20-\x7e\n]/.test(part.text))
      .map((part) => `${path}: ${part.text}`),
  )
  expect(wrong).toEqual([])
})
