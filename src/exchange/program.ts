// What the program that a model is exported for is asked, and what it answers.
import type { Shape } from '../ir/ir.ts'

type Named<Data> = { readonly name: string; readonly shape: Shape; readonly data: Data }
export type NamedArray = Named<Float32Array>
/** A column of raw rows. */
export type NamedColumn = Named<Float64Array | readonly string[]>

/** A file, what its program takes, and the names of the results. */
export type ProgramRequest = {
  readonly path: string
  readonly inputs: readonly (NamedArray | NamedColumn)[]
  readonly names: readonly string[]
  /** Rows of a time series that a prediction takes: the second axis of columns; absent where it is one row. */
  readonly span?: number | undefined
}

/** Numbers, or the labels of classes. */
export type ProgramOutput = Float32Array | readonly string[]

/** Results of another program, or the reason why there are none. */
export type ProgramAnswer =
  | { readonly version: string; readonly outputs: readonly ProgramOutput[] }
  | { readonly absent: string }
  | { readonly failed: string }

/** Python code that reads a file of a format. */
export type PythonCheck = {
  /** Name of the program, for people. */
  readonly program: string
  /** Imports; one that fails means that the program is not there. */
  readonly imports: string
  /** An expression: the version of the program. */
  readonly version: string
  /** The results that are compared with the model's: predictions for rows, or the weights as they are read. */
  readonly compares: 'predictions' | 'weights'
  /**
   * Statements that make the list `outputs` of arrays. They know `path`, `inputs`, a dict of arrays by the names of the model's
   * inputs (float32, or float64 and strings of raw rows), and the `names` of the results, in order.
   */
  readonly run: string
}

/** A program that is run without Python. */
export type HostCheck = {
  /** Name of the program, for people. */
  readonly program: string
  readonly compares: 'predictions'
  answer(request: ProgramRequest): Promise<ProgramAnswer>
}

/** The way to the results of the program that a format is for. */
export type ProgramCheck = PythonCheck | HostCheck
