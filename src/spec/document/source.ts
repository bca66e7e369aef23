import type { Diagnostic } from '../../diagnostic.ts'

/** The text that config values are written in: a file, or the --set arguments one a line. */
export class ConfigSource {
  /** The absolute path, or `--set`. */
  readonly file: string
  readonly text: string
  #lineStarts: number[] | undefined

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
  }

  /** Line and column of an offset, both from 1; columns count UTF-16 code units as editors do. */
  position(offset: number): { line: number; column: number } {
    this.#lineStarts ??= lineStarts(this.text)
    let low = 0
    let high = this.#lineStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 }
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) starts.push(i + 1)
  return starts
}

/** A stretch of a source: `end` is the offset after its last character. */
export type Span = { readonly source: ConfigSource; readonly start: number; readonly end: number }

/** The text of a diagnostic, without its position. */
export type DiagnosticText = Pick<Diagnostic, 'code' | 'message' | 'hint'> &
  Partial<Pick<Diagnostic, 'severity' | 'path'>>

/** The diagnostic that underlines a span, or the part of it on its first line. */
export function diagnosticAt({ source, start, end }: Span, saying: DiagnosticText): Diagnostic {
  const firstLine = source.text.slice(start, end).split(/\r?\n/, 1)[0] ?? ''
  const length = Math.max(1, firstLine.trimEnd().length)
  return { severity: 'error', path: '', ...saying, file: source.file, ...source.position(start), length }
}

/** A diagnostic about a file as a whole: it underlines nothing. */
export function diagnosticOf(file: string, saying: DiagnosticText): Diagnostic {
  return { severity: 'error', path: '', ...saying, file, line: 1, column: 1, length: 0 }
}
