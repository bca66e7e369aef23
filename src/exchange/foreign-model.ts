import type { Graph } from '../model/graph.ts'
import type { ReadModel } from './keras/read-model.ts'
import type { PythonCheck } from './program.ts'

/** A model as another program saved it. */
export type ForeignModel = {
  readonly model: ReadModel
  /** The weights for the graph of the model, by parameter. */
  weights(graph: Graph): Map<string, Float32Array>
  /** Predictions of the program that saved it. */
  readonly check?: PythonCheck
}
