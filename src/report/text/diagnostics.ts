import { isAbsolute, relative } from 'node:path'

import type { Diagnostic } from '../../diagnostic.ts'
import { excerpt } from './excerpt.ts'
import { paint } from './paint.ts'
import { wrap } from './wrap.ts'

export type DiagnosticsStyle = { readonly color: boolean; readonly width: number; readonly cwd: string }

/** Minimum width of a hint, in characters. */
const LEAST_WIDTH = 20

/** Diagnostics for a terminal: position, message, the line with a caret, the hint; then a line with their number. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  { color, width, cwd }: DiagnosticsStyle,
): string {
  const ordered = diagnostics.toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  )
  const style = paint(color)
  const blocks = ordered.map(({ severity, code, message, file, line, column, length, hint }) => {
    const tone = severity === 'error' ? style.red : style.yellow
    const place = length === 0 ? nameOf(file, cwd) : `${nameOf(file, cwd)}:${line}:${column}`
    const gutter = ' '.repeat(String(line).length)
    const lines = [`${style.bold(place)} ${tone(`${severity} ${code}`)}: ${message}`]
    const source = sources.get(file)?.split('\n')[line - 1]
    if (source !== undefined && length > 0) {
      const { text, mark } = excerpt(source.replace(/\r$/, ''), column, length, width - gutter.length - 3)
      lines.push(`${style.dim(`${line} |`)} ${text}`, `${style.dim(`${gutter} |`)} ${tone(mark)}`)
    }
    const [first, ...more] =
      hint === undefined ? [] : wrap(hint, Math.max(LEAST_WIDTH, width - gutter.length - 3))
    if (first !== undefined) lines.push(`${gutter} ${style.dim('=')} ${first}`)
    lines.push(...more.map((line) => `${gutter}   ${line}`))
    return [...lines, ''].join('\n')
  })
  return [...blocks, countLine(diagnostics), ''].join('\n')
}

/** Path of a file relative to the current folder, as messages name it. */
function nameOf(file: string, cwd: string): string {
  return isAbsolute(file) ? relative(cwd, file) || file : file
}

/** `2 errors, 1 warning`. */
function countLine(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: string): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length
  const parts = [[count('error'), 'error'] as const, [count('warning'), 'warning'] as const].flatMap(
    ([n, word]) => (n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`]),
  )
  return parts.join(', ')
}

/** The document of `validate --format json`. */
export function diagnosticsJson(diagnostics: readonly Diagnostic[]) {
  return {
    ok: !diagnostics.some(({ severity }) => severity === 'error'),
    diagnostics: diagnostics.map(({ length: _, ...diagnostic }) => diagnostic),
  }
}

/** GitHub Actions workflow commands, one per line. */
export function diagnosticsGithub(diagnostics: readonly Diagnostic[], cwd: string): string {
  const data = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return diagnostics
    .map(({ severity, code, message, file, line, column, length, hint }) => {
      const place = `file=${property(nameOf(file, cwd))},line=${line},col=${column},endColumn=${column + length}`
      return `::${severity} ${place},title=${property(code)}::${data(hint === undefined ? message : `${message} (${hint})`)}\n`
    })
    .join('')
}
