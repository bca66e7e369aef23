import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Diagnostic } from '../../src/diagnostic.ts'
import { checkConfig } from '../../src/experiment/build-experiment.ts'
import type { Experiment } from '../../src/experiment/build-experiment.ts'
import { renderDiagnostics } from '../../src/report/text/diagnostics.ts'
import { render } from '../../src/report/text/terminal-text.ts'
import { loadDocument } from '../../src/spec/document/document.ts'
import type { ConfigDocument } from '../../src/spec/document/document.ts'

/** The absolute path of a folder of fixtures. */
export function fixtures(folder: string): string {
  return fileURLToPath(new URL(`../fixtures/${folder}/`, import.meta.url))
}

type Checked = {
  readonly document: ConfigDocument
  readonly diagnostics: readonly Diagnostic[]
  readonly experiment?: Experiment
  /** As `nnlab validate` prints them, on a terminal of 100 columns. */
  readonly text: string
}

export function check(file: string, overrides: readonly string[] = []): Checked {
  const document = loadDocument(file, overrides)
  const checked = checkConfig(document)
  const style = { width: 100, cwd: dirname(file) }
  const text = render(renderDiagnostics(checked.diagnostics, document.sources, style), false, 100)
  return { document, ...checked, text }
}
