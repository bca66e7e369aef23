// The columns of raw rows, as a model knows them.
import { labelsOf } from './preprocessing.ts'
import type { Preprocessing } from './preprocessing.ts'

/** A column of raw rows: a number, a string or an array a row. */
export type RawColumn = {
  readonly name: string
  readonly kind: 'number' | 'string' | 'array'
  /** The shape of a row. */
  readonly shape: readonly number[]
}

/** The columns that the inputs of a model are made of, each once. */
export function rawColumns({ inputs }: Preprocessing): RawColumn[] {
  const columns = new Map<string, RawColumn>()
  for (const feature of inputs.flatMap(({ features }) => features)) {
    const { column: name } = feature
    const kind = feature.kind === 'encoded' ? 'string' : feature.kind
    columns.set(name, { name, kind, shape: feature.kind === 'array' ? feature.shape : [1] })
  }
  return [...columns.values()]
}

/** The features whose missing values are filled in. */
export function filledColumns({ inputs, missing }: Preprocessing): Set<string> {
  const filled = inputs
    .flatMap(({ features }) => features)
    .filter((feature) => missing === 'fill' || (feature.kind === 'number' && feature.fill !== undefined))
  return new Set(filled.map(({ column }) => column))
}

/** The strings that are values of a column, whatever they read like. */
export function columnValues({ inputs, outputs }: Preprocessing): Map<string, readonly string[]> {
  const values = new Map<string, readonly string[]>()
  for (const feature of inputs.flatMap(({ features }) => features))
    if (feature.kind === 'encoded' && 'categories' in feature.state)
      values.set(feature.column, feature.state.categories)
  for (const output of outputs)
    if (output.kind === 'classes') for (const column of output.columns) values.set(column, labelsOf(output))
  return values
}
