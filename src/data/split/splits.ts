/** Table rows of each split, ascending; every row that is divided is in exactly one. */
export type Splits = { train: Uint32Array; validation: Uint32Array; test: Uint32Array }
export type SplitName = keyof Splits

/** The class of each table row, to keep the classes' proportions. */
export type RowClasses = { indices: Int32Array; names: readonly string[] }
