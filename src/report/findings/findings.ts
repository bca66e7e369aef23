import type { Report, ReportedModel, ReportedRun } from '../report.ts'
import { calibrationFindings } from './calibration.ts'
import { columnFindings } from './columns.ts'
import type { Finding } from '../../components/callbacks/diagnosis/finding.ts'
import { labelFindings } from './labels.ts'
import { runFindings } from './run.ts'
import { isGuess, scoreFindings } from './scores.ts'
import { sharedFindings } from './shared.ts'
import { shiftFindings } from './shift.ts'
import { trainingFindings } from './training.ts'

/** The findings about a single run, the serious ones first. */
export function findingsOf({ runs, model, lacking }: Report): Finding[] {
  const [run] = runs
  if (!run || runs.length > 1) return []
  const found = [
    ...runFindings(run, model, lacking),
    // What a model that diverged predicts tells nothing more.
    ...(model && run.overview.state !== 'diverged' ? modelFindings(model, run) : []),
    ...trainingFindings(run),
  ]
  const rank = ({ severity }: Finding): number => ['serious', 'note', 'good'].indexOf(severity)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

function modelFindings(model: ReportedModel, run: ReportedRun): Finding[] {
  const { evaluation, data } = model
  const outputs = evaluation?.analysis.outputs ?? []
  return [
    ...columnFindings(data, evaluation?.analysis),
    ...(data && evaluation ? sharedFindings(data.shared, evaluation.on) : []),
    ...(data && evaluation ? shiftFindings(data, evaluation.on, run.record.data.rows) : []),
    ...outputs.flatMap((output) => [
      // A model that guesses doubts every label.
      ...(evaluation?.outputs.some((one) => one.name === output.name && isGuess(one))
        ? []
        : labelFindings(output)),
      ...calibrationFindings(output, outputs.length > 1 ? `The output ${output.name}` : 'The model'),
    ]),
    ...(evaluation ? scoreFindings(evaluation, run.record.metrics) : []),
  ]
}
