import type { Graph } from '../model/graph.ts'
import type { PythonCheck } from './program.ts'

/** A model as another program saved it. */
export type ForeignModel = {
  readonly model: ReadModel
  /** The weights for the graph of the model, by parameter. */
  weights(graph: Graph): Map<string, Float32Array>
  /** Predictions of the program that saved it. */
  readonly check?: PythonCheck
}

/** A model as sections of a config. */
export type ReadModel<Network extends ReadNetwork = ReadNetwork> = {
  readonly name: string
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly network: Network
  /** Undefined where the model was saved without, or with what nnlab lacks. */
  readonly compile: Readonly<Record<string, unknown>> | undefined
  /** Remarks for whoever uses it, a line each. */
  readonly notes?: readonly string[]
}

/** A model, or one inside another. */
export type ReadNetwork = {
  readonly inputs: readonly { readonly name: string }[]
  /** In an order in which each takes what those before it yield. */
  readonly layers: readonly ReadLayer[]
  readonly outputs: readonly string[]
}

export type ReadLayer = WrittenLayer & {
  /** The layers of a model inside the model. */
  readonly network?: ReadNetwork | undefined
}

/** A layer of a config, with its name and what it takes. */
export type WrittenLayer = WrittenOptions & {
  readonly name: string
  readonly from: readonly string[]
}

/** A component as a config writes it: its type alone where every option has its default. */
export type WrittenComponent = string | WrittenOptions

export type WrittenOptions = { readonly type: string; readonly [option: string]: unknown }
