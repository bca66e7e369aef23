import { relative } from 'node:path'

import type { BegunRun } from '../../experiment/ready-run.ts'
import type { ResumeEvent } from '../../experiment/resume.ts'
import type { TrainedRun } from '../../experiment/train-run.ts'
import { renderChanges } from '../../run/spec-changes.ts'
import { counted, duration, metricsText } from './format.ts'

/** Path of a run folder relative to the current folder, as messages name it. */
export function runName(folder: string, cwd: string): string {
  return relative(cwd, folder) || '.'
}

/** The line above the progress of a training. */
export function renderBegun({ name, rows, parameters, engine }: BegunRun): string {
  const parts = [
    counted(rows.train, 'row'),
    ...(rows.validation > 0 ? [`${counted(rows.validation, 'row')} for validation`] : []),
    ...(rows.test > 0 ? [`${counted(rows.test, 'row')} for testing`] : []),
  ]
  return `${name}: ${parts.join(', ')}; ${counted(parameters, 'parameter')}; ${engine}\n`
}

export function renderResumeEvent(event: ResumeEvent, cwd: string): string {
  const run = runName(event.run, cwd)
  switch (event.kind) {
    case 'changed':
      return `the config differs from that of ${run}:\n${renderChanges(event.changes)}`
    case 'damaged':
      return `note: ${event.error.message}\n`
    case 'resumed': {
      const { epoch, step } = event
      if (epoch === 0 && step === 0) return `${run} has no checkpoint yet: it starts from the beginning\n`
      return `resuming ${run} after epoch ${epoch}${step > 0 ? ` and ${counted(step, 'step')}` : ''}\n`
    }
  }
}

export function renderTrained(
  { run, epochs, epoch, seconds, stopped, metrics, test }: TrainedRun,
  cwd: string,
): string {
  const name = runName(run, cwd)
  const why = stopped === 'completed' ? '' : ` (${stopped})`
  const whose = epoch === epochs - 1 ? '' : `, weights of epoch ${epoch + 1}`
  return [
    `trained ${counted(epochs, 'epoch')} in ${duration(seconds)}${why}${whose}`,
    ...(epochs === 0 ? [] : [`  ${metricsText(metrics)}`]),
    ...(test === undefined ? [] : [`test  ${metricsText(test)}`]),
    `saved in ${name}`,
    ...(stopped === 'interrupted' ? [`resume with: nnlab train --resume ${name}`] : []),
    '',
  ].join('\n')
}

/** The document of `train --json`. */
export function trainedJson(trained: TrainedRun, cwd: string) {
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
    metrics: trained.metrics,
    ...(trained.test && { test: trained.test }),
  }
}
