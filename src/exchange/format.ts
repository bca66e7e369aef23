import type { OptimizerState } from '../engine/engine.ts'
import type { SavedModel } from '../run/model-files.ts'
import type { Task } from '../step/task.ts'
import type { NamedArray, ProgramCheck } from './program.ts'

/** A trained model with what belongs to it. */
export type ModelToExport = SavedModel & {
  readonly name: string
  readonly task: Task
  /** The optimizer as it was when training ended, where the weights are those of that moment. */
  readonly training: { readonly optimizer: OptimizerState; readonly factor: number } | undefined
}

/** Takes down something of a model that a format cannot express. */
export type Refuse = (what: string) => void

/** The contents of a file, or of the files of a folder by their names; remarks for whoever uses it, a line each. */
export type Written = { readonly notes?: readonly string[] } & (
  { readonly file: readonly Uint8Array[] } | { readonly folder: ReadonlyMap<string, string | Uint8Array> }
)

/** A kind of file or folder that other programs read. */
export interface ExchangeFormat {
  readonly type: string
  readonly summary: string
  /** The ending of its file, with the dot; none for a folder. */
  readonly ending?: string
  /** True where `write` itself takes the preprocessing along: raw rows in, labels or numbers out. */
  readonly takesRawRows?: true
  /** True where its files hold the state of the optimizer. */
  readonly keepsOptimizer?: true
  /** Refuses whatever it cannot express. */
  write(model: ModelToExport, refuse: Refuse): Written
  /** The same of the model with its preprocessing: raw columns in, labels or numbers out (raw.ts); absent where it has no way. */
  writeRaw?(model: ModelToExport, refuse: Refuse): Written
  /** The network with weights in int8; `rows` of the training split tell the ranges of its numbers. Absent where it has none. */
  writeInt8?(model: ModelToExport, rows: readonly NamedArray[], refuse: Refuse): Written
  /** Predictions of the program that the format is for. */
  readonly check?: ProgramCheck
  /** Those of its network for encoded rows, where `check` takes raw ones. */
  readonly networkCheck?: ProgramCheck
}
