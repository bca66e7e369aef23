import type { SplitName } from '../../table/table.ts'

/** Table rows of each split, ascending; every row that is divided is in exactly one. */
export type Splits = Record<SplitName, Uint32Array>

/** The class of each table row, to keep the classes' proportions. */
export type RowClasses = { indices: Int32Array; names: readonly string[] }
