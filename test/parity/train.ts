import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { slotsOf, stateOf } from '../../src/step/update.ts'
import { buildStep } from '../../src/step/step.ts'
import { buildTrainStep } from '../../src/step/train-step.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Shape, Value } from '../../src/ir/ir.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import { emptySums } from '../../src/engine/engine.ts'
import type { Engine, MetricSums } from '../../src/engine/engine.ts'
import { metricValuesOf } from '../../src/train/metric-values.ts'
import type { MetricValues } from '../../src/components/metrics/metric.ts'
import type { RandomSpec } from './random-spec.ts'

/** What a training comes to; the weights are in the order of the graph's parameters. */
export type Trained = {
  /** Of each step, before its update. */
  readonly figures: readonly MetricValues[]
  readonly end: readonly ArrayLike<number>[]
  readonly evaluation: MetricValues
  readonly predictions: Readonly<Record<string, ArrayLike<number>>>
}

/** The weight of each row in the training loss. */
export function rowWeightsOf({ encoded, classWeight }: RandomSpec): Float32Array | undefined {
  const [target] = encoded.targets
  if (classWeight === undefined || target === undefined) return encoded.sampleWeight
  return Float32Array.from(target.data, (label) => classWeight[label] ?? 1)
}

export async function trainWith(engine: Engine, spec: RandomSpec): Promise<Trained> {
  const { task, encoded, batch, steps } = spec
  const session = engine.open(task, spec.start)
  try {
    const order = Uint32Array.from({ length: encoded.rows }, (_, i) => i)
    const weights = rowWeightsOf(spec)
    const epoch = Math.ceil(encoded.rows / batch)
    const figures: MetricValues[] = []
    for (let step = 0; step < steps; step++) {
      const totals = emptySums()
      const common = { encoded, order, batchSize: batch, first: step % epoch, count: 1, factor: 1 }
      await session.train({ ...common, epoch: 0, ...(weights && { rowWeights: weights }) }, totals)
      figures.push(metricValuesOf(task, totals))
    }
    const end = await session.weights()
    const { sampleWeight: _, ...unweighted } = encoded
    return {
      figures,
      end: parametersOf(spec).map(({ id }) => end.get(id) ?? []),
      evaluation: metricValuesOf(task, await session.evaluate(unweighted, batch)),
      predictions: Object.fromEntries(await session.predict(encoded, batch)),
    }
  } finally {
    session.dispose()
  }
}

export function parametersOf({ task }: RandomSpec) {
  return task.graph.nodes.flatMap((node) => node.parameters)
}

/** Writes constants as sums of float32, all that a program can hold, that come to them in float64. */
class ExactBuilder extends Builder {
  override constant(data: number | readonly number[], shape?: Shape): Value {
    const rounded = super.constant(data, shape)
    const numbers = typeof data === 'number' ? [data] : data
    const rest = numbers
      .map((x) => x - Math.fround(x))
      .map((x) => (Math.abs(x) > 1e-38 && Number.isFinite(x) ? x : 0))
    if (rest.every((x) => x === 0)) return rounded
    return this.add(rounded, this.constant(typeof data === 'number' ? (rest[0] ?? 0) : rest, shape))
  }
}

/** The training in float64, by the interpreter: what remains when rounding is out of the way. */
export function trainInFloat64(spec: RandomSpec): Trained {
  const { task, encoded, batch, steps } = spec
  const state = new Map<string, ArrayLike<number>>()
  for (const [id, data] of spec.start) {
    state.set(`parameter:${id}`, data)
    for (const { name, initial } of slotsOf(task.optimizer)) {
      state.set(`slot:${id}/${name}`, new Float64Array(data.length).fill(initial))
    }
  }
  for (const { name, initial } of stateOf(task.optimizer)) state.set(`state:${name}`, [initial])
  const weights = rowWeightsOf(spec)
  const epoch = Math.ceil(encoded.rows / batch)
  const figures: MetricValues[] = []
  for (let step = 0; step < steps; step++) {
    const rows = rowsOf(encoded, (step % epoch) * batch, batch, weights)
    const inputs = new Map([...state, ...rows.values])
    for (const name of ['iterations', 'counter']) inputs.set(name, [step])
    inputs.set('factor', [1])
    const results = interpret(buildTrainStep(task, rows.count, new ExactBuilder()), inputs)
    for (const [name, value] of results) if (state.has(name)) state.set(name, value)
    figures.push(metricValuesOf(task, addStep(emptySums(), results, rows.count)))
  }
  const totals = emptySums()
  for (let first = 0; first < encoded.rows; first += batch) {
    const rows = rowsOf(encoded, first, batch)
    const inputs = new Map([...state, ...rows.values, ['counter', [0]] as const])
    addStep(
      totals,
      interpret(buildStep(task, rows.count, 'evaluate', new ExactBuilder()), inputs),
      rows.count,
    )
  }
  const all = rowsOf(encoded, 0, encoded.rows)
  const outputs = interpret(
    buildStep(task, encoded.rows, 'predict', new ExactBuilder()),
    new Map([...state, ...all.values, ['counter', [0]] as const]),
  )
  return {
    figures,
    end: parametersOf(spec).map(({ id }) => state.get(`parameter:${id}`) ?? []),
    evaluation: metricValuesOf(task, totals),
    predictions: Object.fromEntries(
      task.outputs.map(({ name }) => [name, outputs.get(`output:${name}`) ?? []]),
    ),
  }
}

/** A batch as the inputs of a step's program. */
function rowsOf(
  { rows, inputs, targets }: EncodedRows,
  first: number,
  batch: number,
  weights?: Float32Array,
): { count: number; values: Map<string, ArrayLike<number>> } {
  const count = Math.min(batch, rows - first)
  const cut = ({ shape, data }: { shape: readonly number[]; data: EncodedRows['inputs'][number]['data'] }) =>
    data.subarray(first * sizeOf(shape), (first + count) * sizeOf(shape))
  const rowWeights = weights?.subarray(first, first + count) ?? new Float32Array(count).fill(1)
  const values = new Map<string, ArrayLike<number>>()
  for (const input of inputs) values.set(`input:${input.name}`, cut(input))
  for (const target of targets) {
    values.set(`target:${target.name}`, cut(target))
    values.set(`weight:${target.name}`, rowWeights)
  }
  return { count, values }
}

function addStep(
  totals: MetricSums,
  results: ReadonlyMap<string, ArrayLike<number>>,
  rows: number,
): MetricSums {
  totals.rows += rows
  totals.steps += 1
  for (const [name, value] of results) {
    if (name === 'loss' || name.startsWith('loss:')) {
      totals.losses.set(name, (totals.losses.get(name) ?? 0) + rows * (value[0] ?? NaN))
    } else if (name.startsWith('metric:')) {
      const label = name.slice('metric:'.length)
      const sums = totals.metrics.get(label)
      totals.metrics.set(
        label,
        Float64Array.from(value, (x, i) => x + (sums?.[i] ?? 0)),
      )
    }
  }
  return totals
}
