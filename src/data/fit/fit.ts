import type { Selection } from '../../components/sources/selection.ts'
import { PREPROCESSING_VERSION } from '../../runtime/preprocessing.ts'
import type { ClassesState, InputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { fitInput } from './features.ts'
import type { RowsOfTable } from './features.ts'
import type { ModelColumns } from './model-columns.ts'
import { fitNumericTarget } from './numeric-target.ts'
import { fitSameTarget } from './same-target.ts'
import { weightsOfSteps } from './sample-weights.ts'
import { targetSteps } from './window.ts'

/** Fits all that is learned from the training rows, but inputs that are given; which classes and categories exist is known from all rows. */
export function fitPreprocessing(
  training: RowsOfTable,
  all: readonly RowsOfTable[],
  { inputs, targets, missing }: ModelColumns,
  classes: readonly ClassesState[],
  selection: Selection,
  given?: readonly InputState[],
): Preprocessing {
  const { table, rows } = training
  const { sampleWeight, window } = selection
  const ports = targets.map(({ port }) => port)
  const weights = sampleWeight && weightsOfSteps(table, ports, sampleWeight, targetSteps(window))
  const fitted =
    given ??
    inputs.map(({ port, columns, selection: { encoding } }) =>
      fitInput(training, all, port, columns, { encoding, missing: selection.missing, window }),
    )
  return {
    version: PREPROCESSING_VERSION,
    inputs: fitted,
    outputs: targets.map(({ port, selection }, i) => ({
      ...(classes.find(({ name }) => name === port.name) ??
        (selection.sameAs === undefined
          ? fitNumericTarget(table, rows, port, selection, targetSteps(window))
          : fitSameTarget(fitted, port, selection.sameAs))),
      ...weights?.[i],
    })),
    ...(sampleWeight && { sample_weight: sampleWeight.length > 1 ? sampleWeight : sampleWeight[0] }),
    missing,
    ...(window && { window }),
  }
}
