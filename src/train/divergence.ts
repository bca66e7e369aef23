import type { Task } from '../step/task.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { pickRows } from '../data/rows/picked-rows.ts'
import type { Engine } from '../engine/engine.ts'
import { DivergedError } from '../errors.ts'
import type { Graph, GraphNode } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import { keptSteps } from './kept-steps.ts'

const HINT = 'try a smaller learning_rate, scaled features (data.features.scale) or clipnorm in the optimizer'

/** A loss that became NaN or infinite; epoch and step count from 0. */
export class StepDivergedError extends DivergedError {
  readonly epoch: number
  readonly step: number
  readonly #stepsPerEpoch: number

  constructor(
    epoch: number,
    step: number,
    stepsPerEpoch: number,
    details: readonly string[] = [],
    hint = HINT,
  ) {
    const place = `epoch ${epoch + 1}, step ${step + 1} of ${stepsPerEpoch}`
    super([`the loss became NaN or infinite in ${place}`, ...details].join('; '), { hint })
    this.epoch = epoch
    this.step = step
    this.#stepsPerEpoch = stepsPerEpoch
  }

  /** Steps of the whole training before it. */
  get stepsBefore(): number {
    return this.epoch * this.#stepsPerEpoch + this.step
  }

  /** The same error with more details, and with what to do instead of the usual. */
  with(details: readonly string[], hint?: string): StepDivergedError {
    return new StepDivergedError(this.epoch, this.step, this.#stepsPerEpoch, details, hint)
  }
}

/** The place where numbers are lost, in words, and the advice where its cause is known. */
export type NotFinite = { readonly where: string; readonly hint?: string }

/**
 * Describes where numbers that are NaN or infinite first appear when a model is applied to rows: in an input, in the
 * weights of a layer or in its output, in the order of the graph. The layers are applied as in prediction.
 */
export async function firstNonFinite(
  engine: Engine,
  task: Task,
  weights: Weights,
  rows: EncodedRows,
  batchSize: number,
): Promise<NotFinite> {
  const { graph } = task
  for (const { name, data } of rows.inputs) {
    const row = rowOf(rows, data)
    if (row !== undefined) return { where: `in row ${row} of the input ${name}` }
  }
  const every = { ...graph, outputs: graph.nodes.map(({ name }) => name) }
  const session = engine.open({ ...task, graph: every }, weights)
  const outputs = await session.predict(rows, batchSize)
  session.dispose()
  for (const node of graph.nodes) {
    const { name, parameters } = node
    const wrong = parameters.find(({ id }) => hasNonFinite(weights.get(id) ?? []))
    if (wrong)
      return {
        where: `in the weights ${wrong.id} of the layer ${name}, after the update of the step before`,
      }
    const row = rowOf(rows, outputs.get(name) ?? [])
    if (row !== undefined) return inOutput(task, node, weights, rows, row)
  }
  return { where: 'in the loss: every weight and every output of a layer is finite' }
}

/** The row of the source, from 1, of the first number that is not finite; undefined where all are. */
function rowOf(
  { rows, sourceRow }: EncodedRows,
  numbers: Float32Array | ArrayLike<number>,
): number | undefined {
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) return (sourceRow[Math.floor(i / (numbers.length / rows))] ?? 0) + 1
  }
  return undefined
}

function inOutput(
  { graph }: Task,
  { name, inputs }: GraphNode,
  weights: Weights,
  rows: EncodedRows,
  row: number,
): NotFinite {
  const where = `in the output of the layer ${name}, row ${row}`
  const position = rows.sourceRow.indexOf(row - 1)
  const one = pickRows(rows, Uint32Array.of(position))
  if (!isMaskedWhole({ ...graph, outputs: inputs }, weights, one)) return { where }
  return {
    where: `${where}, in which no step is unmasked`,
    hint: 'fill in rows without words or steps, leave them out, or use another layer there, such as global_max_pooling1d',
  }
}

/** True where a mask of the outputs of a graph leaves no step of a row. */
function isMaskedWhole(graph: Graph, weights: Weights, row: EncodedRows): boolean {
  return [...keptSteps(graph, () => weights, row).values()].some((mask) => mask.every((kept) => kept === 0))
}

export function hasNonFinite(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return true
  return false
}
