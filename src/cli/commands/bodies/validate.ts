import { resolve } from 'node:path'

import { ExitCode } from '../../../errors.ts'
import { checkConfig } from '../../../experiment/build-experiment.ts'
import { diagnosticsGithub, diagnosticsJson, renderDiagnostics } from '../../../report/text/diagnostics.ts'
import { loadDocument } from '../../../spec/document/document.ts'
import type { Io } from '../../io.ts'
import { wantsColor, widthOf } from '../../io.ts'

export type ValidateOptions = {
  readonly config: string
  readonly set: readonly string[]
  readonly format: 'text' | 'json' | 'github'
}

/** Says all that is wrong with a config: as text on stderr, in other formats on stdout. */
export function validate({ config, set, format }: ValidateOptions, io: Io): number {
  const document = loadDocument(resolve(io.cwd, config), set)
  const { diagnostics } = checkConfig(document)
  const report = diagnosticsJson(diagnostics)
  if (format === 'json') io.stdout.write(`${JSON.stringify(report)}\n`)
  else if (format === 'github') io.stdout.write(diagnosticsGithub(diagnostics, io.cwd))
  else {
    const style = { color: wantsColor(io.stderr, io.env), width: widthOf(io.stderr), cwd: io.cwd }
    if (diagnostics.length > 0) io.stderr.write(renderDiagnostics(diagnostics, document.sources, style))
    if (report.ok) io.stdout.write(`${config} is valid\n`)
  }
  return report.ok ? ExitCode.done : ExitCode.config
}
