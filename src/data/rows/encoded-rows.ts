/** One input of the model for every row, in the smallest type that holds it. */
export type EncodedInput = {
  name: string
  shape: readonly number[]
  /** [rows, ...shape] */
  data: Float32Array | Uint8Array | Int32Array
  /** Applied when a batch is gathered: x * multiply + add. */
  scale?: { multiply: number; add: number }
}

/**
 * One target of the model for every row. `shape` is a row's shape: class indices lack the output's last axis, so the
 * classes of an output of [10] are [] here.
 */
export type EncodedTarget =
  | { kind: 'classes'; name: string; shape: readonly number[]; data: Int32Array }
  | { kind: 'numbers'; name: string; shape: readonly number[]; data: Float32Array }

/** Rows ready for the model. */
export type EncodedRows = {
  rows: number
  inputs: EncodedInput[]
  /** Empty when the rows were read for prediction. */
  targets: EncodedTarget[]
  /** [rows], or [rows, ...steps] where each step of a target has a weight of its own. */
  sampleWeight?: Float32Array
  /** Row of the source that each row was, counted from 0. */
  sourceRow: Uint32Array
  /** [rows, steps]: the rows of the source that each row is made of, where it is a window. */
  windows?: Uint32Array
  /** [rows, target steps]: the rows of the source that each row's target is made of, where it follows a window. */
  targetRows?: Uint32Array
}
