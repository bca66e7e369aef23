import type { Selection } from '../../components/sources/selection.ts'
import { PREPROCESSING_VERSION } from '../../runtime/preprocessing.ts'
import type { ClassesState, InputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { fitInput } from './features.ts'
import type { RowsOfTable } from './features.ts'
import type { ModelColumns } from './model-columns.ts'
import { fitNumericTarget } from './numeric-target.ts'
import { fitSameTarget } from './same-target.ts'
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
  const fitted =
    given ??
    inputs.map(({ port, columns, selection: { encoding } }) =>
      fitInput(training, all, port, columns, { encoding, missing: selection.missing, window }),
    )
  return {
    version: PREPROCESSING_VERSION,
    inputs: fitted,
    outputs: targets.map(
      ({ port, selection }) =>
        classes.find(({ name }) => name === port.name) ??
        (selection.sameAs === undefined
          ? fitNumericTarget(table, rows, port, selection, targetSteps(window))
          : fitSameTarget(fitted, port, selection.sameAs)),
    ),
    ...(sampleWeight !== undefined && { sample_weight: sampleWeight }),
    missing,
    ...(window && { window }),
  }
}
