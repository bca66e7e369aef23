import type { ReportedModel, ReportedRun } from '../report.ts'
import { counted } from '../text/format.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'

const CALMER =
  'Lower compile.optimizer.learning_rate (`nnlab lr-find` suggests one), scale the features (data.features.scale) and the target, or set clipnorm in the optimizer.'

/** Runs that did not end well, and data that are gone or others. */
export function runFindings(
  { overview, record }: ReportedRun,
  model: ReportedModel | undefined,
  lacking: string | undefined,
): Finding[] {
  const ended: Readonly<Record<typeof overview.state, string | undefined>> = {
    completed: undefined,
    running: 'The run is still training.',
    interrupted: 'The run was interrupted: it can be resumed with `nnlab train --resume`.',
    killed: 'The run was killed: it can be resumed with `nnlab train --resume`.',
    diverged: `The run diverged: its loss became NaN or infinite${record.steps === undefined ? '' : ` after ${counted(record.steps, 'step')}`}.`,
    failed: 'The run failed.',
  }
  const text = ended[overview.state]
  const advice = overview.state === 'diverged' ? { advice: CALMER } : {}
  return [
    ...(text === undefined ? [] : [{ severity: 'serious', text, ...advice } as const]),
    ...(model?.hasOtherData
      ? [
          {
            severity: 'serious',
            text: 'The data are not those that the model was trained on: files have changed since, and so may the test rows.',
          } as const,
        ]
      : []),
    ...(lacking === undefined
      ? []
      : [{ severity: 'note', text: `The model could not be analyzed: ${lacking}` } as const]),
  ]
}
