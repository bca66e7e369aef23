import type { Document, YAMLError } from 'yaml'

import type { DiagnosticText } from './source.ts'
import { explain } from './yaml-explanations.ts'
import type { Found } from './yaml-explanations.ts'

/** A mistake in the YAML itself, between two offsets of the text. */
export type SyntaxMistake = DiagnosticText & { readonly from: number; readonly to: number }

/** More mistakes than this are no help to anybody. */
const mostMistakes = 50

/** The parser's errors in plain words, at the place to mend, one a line, without the echoes that a mistake has further on. */
export function syntaxErrors(document: Document.Parsed, text: string): SyntaxMistake[] {
  const errors = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0])
  const mistakes: SyntaxMistake[] = []
  const lines = new Set<number>()
  let columnBefore: number | undefined
  for (const error of errors) {
    const found = look(error, text)
    const { lost, alike, ...explanation } = explain(found)
    const mistake: SyntaxMistake = { code: 'yaml-syntax', from: found.from, to: found.to, ...explanation }
    const line = mistake.from === 0 ? -1 : text.lastIndexOf('\n', mistake.from - 1)
    const column = alike === true ? mistake.from - line : undefined
    if (!lines.has(line) && (column === undefined || column !== columnBefore)) mistakes.push(mistake)
    columnBefore = column
    lines.add(line)
    if (lost === true || mistakes.length === mostMistakes) break
  }
  return mistakes
}

function look(error: YAMLError, text: string): Found {
  const offset = Math.min(error.pos[0], text.length)
  const from = offset + (/^[ \r\n]*/.exec(text.slice(offset))?.[0].length ?? 0)
  const to = Math.max(error.pos[1], from + 1)
  const restOfLine = /^.*/.exec(text.slice(from, from + 200))?.[0].trimEnd() ?? ''
  const word = /^[^\s,[\]{}]*/.exec(restOfLine)?.[0] ?? ''
  return {
    text,
    message: error.message,
    offset,
    from,
    to,
    part: text.slice(from, to),
    word,
    restOfLine,
  }
}
