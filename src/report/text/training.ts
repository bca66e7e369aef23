import type { Diagnostic } from '../../diagnostic.ts'
import type { BegunRun } from '../../experiment/ready-run.ts'
import type { ResumeEvent } from '../../experiment/resume.ts'
import type { TrainedRun } from '../../experiment/train-run.ts'
import { changeLines } from '../../run/spec-changes.ts'
import { diagnosticJson } from './diagnostics.ts'
import { shorten } from './message.ts'
import { counted, duration, metricsText } from './format.ts'
import { runName } from '../../run/run-name.ts'
import { sparklines } from './sparklines.ts'
import type { EpochValues } from './sparklines.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

/** The line above the progress of a training. */
export function renderBegun({ name, rows, parameters, engine }: BegunRun): TerminalText {
  const parts = [
    counted(rows.train, 'row'),
    ...(rows.validation > 0 ? [`${counted(rows.validation, 'row')} for validation`] : []),
    ...(rows.test > 0 ? [`${counted(rows.test, 'row')} for testing`] : []),
  ]
  return lines([`${name}: ${parts.join(', ')}; ${counted(parameters, 'parameter')}; ${engine}`])
}

export function renderResumeEvent(event: ResumeEvent, cwd: string): TerminalText {
  const run = runName(event.run, cwd)
  switch (event.kind) {
    case 'changed':
      return lines([
        `the config differs from that of ${run}:`,
        ...changeLines(event.changes).map((line) => `  ${shorten(line)}`),
      ])
    case 'damaged':
      return lines([`note: ${shorten(event.error.message)}`])
    case 'resumed': {
      const { epoch, step } = event
      if (epoch === 0 && step === 0)
        return lines([`${run} has no checkpoint yet: it starts from the beginning`])
      return lines([`resuming ${run} after epoch ${epoch}${step > 0 ? ` and ${counted(step, 'step')}` : ''}`])
    }
  }
}

/** The outcome of a training, with its curves where lines are as wide as a terminal's. */
export function renderTrained(
  { run, epochs, epoch, seconds, stopped, metrics, test }: TrainedRun,
  cwd: string,
  { history, width }: { readonly history: EpochValues; readonly width: number },
): TerminalText {
  const name = runName(run, cwd)
  const why = stopped === 'completed' ? '' : ` (${stopped})`
  const whose = epoch === epochs - 1 ? '' : `, weights of epoch ${epoch + 1}`
  return lines([
    `trained ${counted(epochs, 'epoch')} in ${duration(seconds)}${why}${whose}`,
    ...(epochs === 0 ? [] : [`  ${metricsText(metrics)}`]),
    ...(test === undefined ? [] : [`test  ${metricsText(test)}`]),
    ...(width < Infinity ? sparklines(history, width) : []),
    `saved in ${name}`,
    ...(stopped === 'interrupted' ? [`resume with: nnlab train --resume ${name}`] : []),
  ])
}

/** The document of `train --json`. */
export function trainedJson(trained: TrainedRun, warnings: readonly Diagnostic[], cwd: string) {
  const { run, engine, arithmetic, threads, seed, epochs, steps, seconds, stopped } = trained
  return {
    run: runName(run, cwd),
    engine,
    arithmetic,
    threads,
    seed,
    epochs,
    steps,
    seconds,
    stopped,
    weights_sha256: trained.weightsSha256,
    ...trained.meaning.keys,
    metrics: trained.metrics,
    ...(trained.test && { test: trained.test }),
    warnings: warnings.map(diagnosticJson),
    findings: trained.findings,
  }
}
