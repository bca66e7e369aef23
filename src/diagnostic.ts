import type { DiagnosticCode } from './diagnostic-codes.ts'
import { NnlabError } from './errors.ts'

/** Keys and indices from the document's root, as in `['model', 'layers', 1, 'units']`. */
export type ConfigPath = readonly (string | number)[]

/** A mistake in a config, named by its path; a document turns it into a positioned Diagnostic. */
export type Problem = {
  severity: 'error' | 'warning'
  code: DiagnosticCode
  path: ConfigPath
  /** Point at the key rather than at its value. */
  at?: 'key' | 'value'
  message: string
  hint?: string
}

/** A mistake in a value. */
export function errorAt(code: DiagnosticCode, path: ConfigPath, message: string, hint?: string): Problem {
  return { severity: 'error', code, path, message, ...(hint !== undefined && { hint }) }
}

/** A mistake that is shown at the key. */
export function errorAtKey(code: DiagnosticCode, path: ConfigPath, message: string, hint?: string): Problem {
  return { ...errorAt(code, path, message, hint), at: 'key' }
}

/** A likely mistake, which is shown at the key. */
export function warningAtKey(
  code: DiagnosticCode,
  path: ConfigPath,
  message: string,
  hint?: string,
): Problem {
  return { ...errorAtKey(code, path, message, hint), severity: 'warning' }
}

/** A positioned message about a config. Lines and columns count from 1. */
export type Diagnostic = {
  severity: 'error' | 'warning'
  code: DiagnosticCode
  message: string
  file: string
  line: number
  column: number
  /** The number of characters that the caret underlines. */
  length: number
  /** The path in YAML terms: `model.layers[1].units`. */
  path: string
  hint?: string
}

/** A config that cannot be used, with every mistake found in it. */
export class ConfigError extends NnlabError {
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that the diagnostics point into, by file. */
  readonly sources: ReadonlyMap<string, string>

  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string> = new Map()) {
    super(diagnostics.map((d) => `${d.file}:${d.line}:${d.column} ${d.message}`).join('\n'))
    this.diagnostics = diagnostics
    this.sources = sources
  }
}

/** `['model', 'layers', 1, 'units']` as `model.layers[1].units`. */
export function formatPath(path: ConfigPath): string {
  return path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  )
}
