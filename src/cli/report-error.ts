import { ConfigError } from '../diagnostic.ts'
import { NnlabError } from '../errors.ts'
import { renderDiagnostics } from '../report/text/diagnostics.ts'
import { renderError } from '../report/text/message.ts'
import { reportBug } from './bug.ts'
import { diagnosticsStyle } from './environment.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import type { Io } from './io.ts'

/** Reports an error on stderr; returns the exit code. */
export async function reportError(error: unknown, io: Io): Promise<number> {
  if (error instanceof ConfigError) {
    io.stderr.write(renderDiagnostics(error.diagnostics, error.sources, diagnosticsStyle(io)))
    return exitCodeOf(error)
  }
  if (error instanceof NnlabError) {
    io.stderr.write(renderError(error))
    return exitCodeOf(error)
  }
  await reportBug(error, io)
  return ExitCode.bug
}
