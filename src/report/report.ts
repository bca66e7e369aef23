import type { TrainingFinding } from '../components/callbacks/diagnosis/finding.ts'
import type { Distribution } from '../data/inspect/distributions.ts'
import type { Inspection } from '../data/inspect/inspect.ts'
import type { ColumnProfile } from '../data/inspect/profile.ts'
import type { RepeatedRows } from '../data/split/duplicates.ts'
import type { Problem } from '../diagnostic.ts'
import type { Analysis } from '../experiment/analysis.ts'
import type { Evaluation } from '../experiment/evaluation.ts'
import type { OutOfFold } from '../experiment/out-of-fold.ts'
import type { RunRecord } from '../run/record.ts'
import type { RunOverview } from '../run/overview.ts'
import type { RunComparison } from '../run/run-comparison.ts'
import type { TrialGroup } from '../sweep/trial-group.ts'
import type { SplitName } from '../table/table.ts'
import type { ModelSummary } from './text/summary.ts'

/** All that a report shows. */
export type Report = {
  readonly runs: readonly ReportedRun[]
  /** The model, where the report is of a single run. */
  readonly model?: ReportedModel
  /** The reason for which the model or its rows could not be looked at. */
  readonly lacking?: string
  /** The differences of several runs. */
  readonly comparison?: RunComparison
  /** The sweep, cross-validation or training with several seeds that the runs are the trials of. */
  readonly group?: ReportedGroup
}

export type ReportedGroup = TrialGroup & {
  /** Predictions of the models of a cross-validation for the rows of their folds. */
  readonly outOfFold?: OutOfFold
}

export type ReportedRun = {
  readonly overview: RunOverview
  readonly record: RunRecord
  /** spec.json as plain data. */
  readonly spec: unknown
  /** The text of the config. */
  readonly config: string
  /** The epochs that are logged, from 1, and the values of each metric in them. */
  readonly epochs: Float64Array
  readonly history: ReadonlyMap<string, Float64Array>
  /** Faults that the training was found to have. */
  readonly findings: readonly TrainingFinding[]
}

export type ReportedModel = {
  readonly summary: ModelSummary
  readonly evaluation?: Evaluation & { readonly on: SplitName; readonly analysis: Analysis }
  readonly data?: ReportedData
  /** The rows are windows of a time series, in its order. */
  readonly isSeries?: boolean
  /** The data are not those that the run was trained on. */
  readonly hasOtherData?: boolean
}

/** The data as training saw it. */
export type ReportedData = {
  readonly source: string
  readonly profiles: readonly ColumnProfile[]
  readonly labels: Inspection['labels']
  readonly distributions: readonly Distribution[]
  readonly warnings: readonly Problem[]
  /** Rows that are measured and were trained on, too. */
  readonly shared?: RepeatedRows
}
