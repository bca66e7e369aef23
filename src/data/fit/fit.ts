import type { Selection } from '../../components/sources/selection.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { PREPROCESSING_VERSION } from '../../runtime/preprocessing.ts'
import type { ClassesState, InputState, OutputState, Preprocessing } from '../../runtime/preprocessing.ts'
import { elementsOf, findColumn } from '../../table/table.ts'
import type { Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import { fitInput } from './features.ts'
import type { RowsOfTable } from './features.ts'
import type { ModelColumns } from './model-columns.ts'
import { fitNumericTarget } from './numeric-target.ts'
import { fitSameTarget } from './same-target.ts'
import type { OutputPort } from './target.ts'
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
    outputs: targets.map(({ port, selection }) => ({
      ...(classes.find(({ name }) => name === port.name) ??
        (selection.sameAs === undefined
          ? fitNumericTarget(table, rows, port, selection, targetSteps(window))
          : fitSameTarget(fitted, port, selection.sameAs))),
      ...weightsOfSteps(table, port, sampleWeight),
    })),
    ...(sampleWeight !== undefined && { sample_weight: sampleWeight }),
    missing,
    ...(window && { window }),
  }
}

/** The steps of an output's rows, where the column of sample weights has a weight for each. */
function weightsOfSteps(
  table: Table,
  { name, shape }: OutputPort,
  sampleWeight: string | undefined,
): Pick<OutputState, 'weights'> {
  const width =
    sampleWeight === undefined ? 1 : elementsOf(findColumn(table, sampleWeight, 'data.sample_weight'))
  if (width === 1) return {}
  const weights = shape.slice(0, -1)
  if (sizeOf(weights) === width) return { weights }
  throw new DataError(
    `${table.name}: the column ${quote(sampleWeight ?? '')} has ${width} sample weights a row, but the model's output ${quote(name)} ` +
      `has the shape [${shape.join(', ')}]: expected ${sizeOf(weights) === 1 ? 'one' : `one, or one for each of ${sizeOf(weights)} steps`}`,
  )
}
