import type { ConfigPath } from '../../diagnostic.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { NestedValue } from '../../table/nested-lists.ts'
import type { Unseen } from '../transforms/one_hot.ts'
import type { Scale } from './options/features.ts'
import type { Missing } from './options/missing.ts'
import type { Join } from './options/files.ts'
import type { Where } from './options/where.ts'
import type { Window } from './options/window.ts'

/** The roles of columns, in one form for every source. */
export type Selection = {
  /** There is one input and one target, which have no names. */
  isSingle?: boolean
  /** Each column is known to hold one value a row. */
  isScalar?: boolean
  inputs: readonly InputSelection[]
  targets: readonly TargetSelection[]
  /** Columns that weigh each row, or together each of its steps. */
  sampleWeight?: readonly string[]
  missing: Missing
  /** Files with further columns, and the column whose values tell which rows belong together. */
  join?: Join
  /** Conditions of the rows that are used. */
  where?: Where
  window?: OrderedWindow
  /** Columns that say how rows are divided or belong together, which are no features unless the config says so. */
  keys: readonly { column: string; wantedBy: string }[]
}

/** Windows of a time series whose rows are in the order of a column of times, else in that of the file. */
export type OrderedWindow = Window & { time?: string | undefined }

/** The columns of one input; without `columns`, every one that is neither excluded nor used otherwise. */
export type InputSelection = {
  name?: string
  /** The key that chooses the columns. */
  path: ConfigPath
  columns?: readonly string[]
  exclude: readonly string[]
  encoding: ColumnEncoding
  /** A row's shape, and the key that tells it. */
  shape?: { of: readonly number[]; path: ConfigPath }
}

/** The encoding of the columns of an input. */
export type ColumnEncoding = {
  scale: Scale
  oneHot: readonly string[]
  unseen: Unseen
  /** The transforms of single columns. */
  transforms: Readonly<Record<string, ComponentConfig>>
  /** The scalings that follow them. */
  then: Readonly<Record<string, readonly ComponentConfig[]>>
}

/** The columns of one target. */
export type TargetSelection = {
  name?: string
  /** The key that chooses the columns. */
  path: ConfigPath
  columns: readonly string[]
  /** The input of the model that is the target, in place of columns. */
  sameAs?: string
  scale: Scale
  /** The labels in class order, as rows hold them. */
  classes?: readonly string[]
  /** Names for these, where they are codes. */
  names?: readonly string[]
  /** The class of two whose probability or margin an output of one unit yields. */
  positive?: string
  /** The values of the rows that the config itself holds. */
  rows?: readonly NestedValue[]
}

/** The positive class of each output of one unit, by the output's name. */
export type Positives = ReadonlyMap<string, string>

/** The key that names a column of an input. */
export function columnPath({ path, columns = [] }: InputSelection, index: number): ConfigPath {
  return columns.length > 1 || path.at(-1) === 'columns' ? [...path, index] : path
}

/** The input that `same_as` names: `input` also stands for the only one. */
export function inputNamed<T extends { readonly name: string }>(
  inputs: readonly T[],
  name: string | undefined,
): T | undefined {
  return (
    inputs.find((input) => input.name === name) ??
    (name === 'input' && inputs.length === 1 ? inputs[0] : undefined)
  )
}
