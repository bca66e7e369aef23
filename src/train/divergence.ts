import type { Task } from '../step/task.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { Engine } from '../engine/engine.ts'
import { DivergedError } from '../errors.ts'
import type { Weights } from '../model/weights.ts'

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
): Promise<string> {
  const { graph } = task
  for (const { name, data } of rows.inputs) if (hasNonFinite(data)) return `in the input ${name}`
  const every = { ...graph, outputs: graph.nodes.map(({ name }) => name) }
  const session = engine.open({ ...task, graph: every }, weights)
  const outputs = await session.predict(rows, batchSize)
  session.dispose()
  for (const { name, parameters } of graph.nodes) {
    const wrong = parameters.find(({ id }) => hasNonFinite(weights.get(id) ?? []))
    if (wrong) return `in the weights ${wrong.id} of the layer ${name}, after the update of the step before`
    if (hasNonFinite(outputs.get(name) ?? [])) return `in the output of the layer ${name}`
  }
  return 'in the loss: every weight and every output of a layer is finite'
}

/** Picks rows by their numbers. */
export function pickRows(encoded: EncodedRows, rows: Uint32Array): EncodedRows {
  return {
    rows: rows.length,
    inputs: encoded.inputs.map((input) => ({ ...input, data: pick(input.data, input.shape, rows) })),
    targets: [],
    sourceRow: Uint32Array.from(rows, (row) => encoded.sourceRow[row] ?? 0),
  }
}

function pick<T extends Float32Array | Uint8Array | Int32Array>(
  data: T,
  shape: readonly number[],
  rows: Uint32Array,
): T
function pick(
  data: Float32Array | Uint8Array | Int32Array,
  shape: readonly number[],
  rows: Uint32Array,
): Float32Array | Uint8Array | Int32Array {
  const size = shape.reduce((product, length) => product * length, 1)
  const numbers = Array.from(rows, (row) => Array.from(data.subarray(row * size, (row + 1) * size))).flat()
  if (data instanceof Float32Array) return Float32Array.from(numbers)
  return data instanceof Uint8Array ? Uint8Array.from(numbers) : Int32Array.from(numbers)
}

export function hasNonFinite(numbers: ArrayLike<number>): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return true
  return false
}
