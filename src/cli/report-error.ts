import { ConfigError } from '../diagnostic.ts'
import { NnlabError, systemFailure, UsageError } from '../errors.ts'
import { renderDiagnostics } from '../report/text/diagnostics.ts'
import { renderError } from '../report/text/message.ts'
import { reportBug } from './bug.ts'
import { diagnosticsStyle } from './environment.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import type { Io } from './io.ts'
import { flagOf } from './wrong-usage.ts'

/** Reports an error on stderr; returns the exit code. */
export async function reportError(error: unknown, io: Io): Promise<number> {
  if (error instanceof ConfigError) {
    io.stderr.write(renderDiagnostics(error.diagnostics, error.sources, diagnosticsStyle(io)))
    return exitCodeOf(error)
  }
  const known = error instanceof NnlabError ? error : systemFailure(error)
  if (known) {
    io.stderr.write(renderError({ lines: linesOf(known), hint: known.hintWith(shownOption) }))
    return exitCodeOf(known)
  }
  await reportBug(error, io)
  return ExitCode.bug
}

/** The lines of an error, with an option as the command line has it. */
function linesOf(error: NnlabError): readonly string[] {
  if (!(error instanceof UsageError) || error.option === undefined) return error.lines
  const [first = '', ...rest] = error.lines
  return [`${shownOption(error.option)}${first.slice(error.option.length)}`, ...rest]
}

/** Options that the command line names otherwise than programs do. */
const RENAMED: Readonly<Record<string, string>> = { dataFolder: 'dataDir' }

function shownOption(option: string): string {
  return `--${flagOf(RENAMED[option] ?? option)}`
}
