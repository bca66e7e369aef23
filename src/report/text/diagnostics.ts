import { isAbsolute, relative } from 'node:path'

import type { Diagnostic } from '../../diagnostic.ts'
import { counted, list } from '../../wording.ts'
import { excerpt } from './excerpt.ts'
import { bold, dim, lines, red, text, yellow } from './terminal-text.ts'
import type { Part, TerminalText } from './terminal-text.ts'
import { shorten } from './message.ts'
import { wrap } from './wrap.ts'

export type DiagnosticsStyle = { readonly width: number; readonly cwd: string }

/** Minimum width of a hint, in characters. */
const LEAST_WIDTH = 20
/** Width of an excerpt where lines have no limit. */
const EXCERPT_WIDTH = 80

/** Diagnostics for a terminal: position, message, the line with a caret, the hint; then a line with their number. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
  { width, cwd }: DiagnosticsStyle,
): TerminalText {
  const ordered = diagnostics.toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  )
  const blocks = distinct(ordered).flatMap(([diagnostic, ...others]): Part[] => {
    const { severity, code, message, file, line, column, length } = diagnostic
    const hint = hintOf(diagnostic, others)
    const tone = severity === 'error' ? red : yellow
    const place = length === 0 ? nameOf(file, cwd) : `${nameOf(file, cwd)}:${line}:${column}`
    const gutter = ' '.repeat(String(line).length)
    const room = width - gutter.length - 3
    const source = sources.get(file)?.split('\n')[line - 1]
    const shown =
      source === undefined || length === 0
        ? undefined
        : excerpt(source.replace(/\r$/, ''), column, length, Math.min(room, EXCERPT_WIDTH))
    const [first, ...more] = hint === undefined ? [] : wrap(shorten(hint), Math.max(LEAST_WIDTH, room))
    return [
      text`${bold(place)} ${tone(`${severity} ${code}`)}: ${shorten(message)}`,
      ...(shown
        ? [text`${dim(`${line} |`)} ${shown.text}`, text`${dim(`${gutter} |`)} ${tone(shown.mark)}`]
        : []),
      ...(first === undefined ? [] : [text`${gutter} ${dim('=')} ${first}`]),
      ...more.map((line) => `${gutter}   ${line}`),
      '',
    ]
  })
  return lines([...blocks, countLine(diagnostics)])
}

/** Diagnostics that say the same of several places in a file are one. */
function distinct(ordered: readonly Diagnostic[]): (readonly [Diagnostic, ...Diagnostic[]])[] {
  const groups = new Map<string, [Diagnostic, ...Diagnostic[]]>()
  for (const diagnostic of ordered) {
    const { severity, code, message, file, hint, length } = diagnostic
    const key = JSON.stringify([severity, code, message, file, hint, length === 0])
    const known = groups.get(key)
    if (known) known.push(diagnostic)
    else groups.set(key, [diagnostic])
  }
  return [...groups.values()]
}

/** The hint, and the other places of which the diagnostic says the same. */
function hintOf({ hint }: Diagnostic, others: readonly Diagnostic[]): string | undefined {
  if (others.length === 0) return hint
  const also = `also at ${list(others.map(({ line, column }) => `${line}:${column}`))}`
  return hint === undefined ? also : `${hint}; ${also}`
}

/** Path of a file relative to the current folder, as messages name it. */
function nameOf(file: string, cwd: string): string {
  return isAbsolute(file) ? relative(cwd, file) || file : file
}

/** `2 errors, 1 warning`. */
function countLine(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: string): number =>
    distinct(diagnostics).filter(([diagnostic]) => diagnostic.severity === severity).length
  const parts = [[count('error'), 'error'] as const, [count('warning'), 'warning'] as const].flatMap(
    ([n, word]) => (n === 0 ? [] : [counted(n, word)]),
  )
  return parts.join(', ')
}

/** A config and its problems. */
type CheckedConfig = {
  readonly file: string
  readonly ok: boolean
  readonly diagnostics: readonly Diagnostic[]
}

/** A line that says whether a config is valid. */
export function renderVerdict({ file, ok, diagnostics }: CheckedConfig): TerminalText {
  return lines([`${file} is ${ok ? 'valid' : `invalid: ${countLine(diagnostics)}`}`])
}

/** A diagnostic as --json shows it. */
export function diagnosticJson({ length: _, ...shown }: Diagnostic): Omit<Diagnostic, 'length'> {
  return shown
}

/** The document of `validate --format json`: of one config, or of several in `files`. */
export function validationJson(checked: readonly CheckedConfig[]) {
  const files = checked.map(({ file, ok, diagnostics }) => ({
    file,
    ok,
    diagnostics: diagnostics.map(diagnosticJson),
  }))
  const [first] = files
  if (first === undefined || files.length > 1) return { ok: files.every(({ ok }) => ok), files }
  return { ok: first.ok, diagnostics: first.diagnostics }
}

/** GitHub Actions workflow commands, one per line. */
export function diagnosticsGithub(diagnostics: readonly Diagnostic[], cwd: string): TerminalText {
  const data = (text: string): string =>
    text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return lines(
    diagnostics.map(({ severity, code, message, file, line, column, length, hint }) => {
      const place = `file=${property(nameOf(file, cwd))},line=${line},col=${column},endColumn=${column + length}`
      return `::${severity} ${place},title=${property(code)}::${data(hint === undefined ? message : `${message} (${hint})`)}`
    }),
  )
}
