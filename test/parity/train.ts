import type { MetricValues } from '../../src/components/metrics/metric.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import { emptySums } from '../../src/engine/engine.ts'
import type { Engine, MetricSums } from '../../src/engine/engine.ts'
import { Builder } from '../../src/ir/builder.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import type { Shape, Value } from '../../src/ir/ir.ts'
import { fixedRate } from '../../src/step/learning-rate.ts'
import type { KeptState, StepInputs, StepOutputs } from '../../src/step/step-program.ts'
import { buildStep } from '../../src/step/step.ts'
import { buildTrainStep } from '../../src/step/train-step.ts'
import { slotKey, slotsOf, stateOf } from '../../src/step/update.ts'
import { metricValuesOf } from '../../src/train/metric-values.ts'
import { interpretStep } from '../step/interpret-step.ts'
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
function rowWeightsOf({ encoded, classWeight }: RandomSpec): Float32Array | undefined {
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
      const common = { encoded, order, batchSize: batch, first: step % epoch, count: 1, factor: 1 }
      const { sums } = await session.train({ ...common, epoch: 0, ...(weights && { rowWeights: weights }) })
      figures.push(metricValuesOf(task, sums))
    }
    const end = await session.weights()
    return {
      figures,
      end: parametersOf(spec).map(({ id }) => end.get(id) ?? []),
      evaluation: metricValuesOf(task, await session.evaluate(encoded, batch)),
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
  const { task, encoded, batch } = spec
  let kept = initialState(spec)
  const figures: MetricValues[] = []
  for (const { results, rows, kept: next } of replay(spec)) {
    kept = next
    figures.push(metricValuesOf(task, addStep(emptySums(), results, rows)))
  }
  let sums = emptySums()
  for (let first = 0; first < encoded.rows; first += batch) {
    const { count, values } = rowsOf(encoded, first, batch, encoded.sampleWeight)
    const step = buildStep(task, count, 'evaluate', new ExactBuilder())
    sums = addStep(sums, interpretStep(step, { ...kept, ...values, counter: [0] }), count)
  }
  const { values } = rowsOf(encoded, 0, encoded.rows)
  const { outputs } = interpretStep(buildStep(task, encoded.rows, 'predict', new ExactBuilder()), {
    ...kept,
    ...values,
    counter: [0],
  })
  return {
    figures,
    end: parametersOf(spec).map(({ id }) => kept.parameters.get(id) ?? []),
    evaluation: metricValuesOf(task, sums),
    predictions: Object.fromEntries(outputs),
  }
}

/** The running figures of all steps, in float64. */
export function runningInFloat64(spec: RandomSpec): MetricValues {
  let sums = emptySums()
  for (const { results, rows } of replay(spec)) sums = addStep(sums, results, rows)
  return metricValuesOf(spec.task, sums)
}

/** The running figures of all steps in one call. */
export async function runningWith(engine: Engine, spec: RandomSpec): Promise<MetricValues> {
  const { task, encoded, batch, steps } = spec
  const session = engine.open(task, spec.start)
  try {
    const order = Uint32Array.from({ length: encoded.rows }, (_, i) => i)
    const weights = rowWeightsOf(spec)
    const batches = { encoded, order, batchSize: batch, first: 0, count: steps, factor: 1, epoch: 0 }
    const { sums } = await session.train({ ...batches, ...(weights && { rowWeights: weights }) })
    return metricValuesOf(task, sums)
  } finally {
    session.dispose()
  }
}

type Replayed = { results: StepOutputs<Numbers>; rows: number; kept: KeptState<Numbers> }

/** The steps of a training by the interpreter: their results, the rows of their batch, and what is kept after them. */
function* replay(spec: RandomSpec): Generator<Replayed> {
  const { task, encoded, batch, steps } = spec
  let kept = initialState(spec)
  const weights = rowWeightsOf(spec)
  const epoch = Math.ceil(encoded.rows / batch)
  for (let step = 0; step < steps; step++) {
    const { count, values } = rowsOf(encoded, (step % epoch) * batch, batch, weights)
    const rate = fixedRate(task.optimizer) ?? 0
    const given = { iterations: [step], counter: [step], learningRate: [rate], factor: [1] }
    const program = buildTrainStep(task, count, new ExactBuilder())
    const results = interpretStep(program, { ...kept, ...values, ...given })
    const { parameters, slots, state } = results.assignments
    kept = {
      parameters: new Map([...kept.parameters, ...parameters]),
      slots: new Map([...kept.slots, ...slots]),
      state: new Map([...kept.state, ...state]),
    }
    yield { results, rows: count, kept }
  }
}

type Numbers = ArrayLike<number>

function initialState({ task, start }: RandomSpec): KeptState<Numbers> {
  return {
    parameters: start,
    slots: new Map(
      [...start].flatMap(([id, data]) =>
        slotsOf(task.optimizer).map(
          ({ name, initial }) => [slotKey(id, name), new Float64Array(data.length).fill(initial)] as const,
        ),
      ),
    ),
    state: new Map(stateOf(task.optimizer).map(({ name, initial }) => [name, [initial]])),
  }
}

/** A batch as the inputs of a step's program. */
function rowsOf(
  { rows, inputs, targets }: EncodedRows,
  first: number,
  batch: number,
  weights?: Float32Array,
): { count: number; values: Partial<StepInputs<Numbers>> } {
  const count = Math.min(batch, rows - first)
  const cut = ({ shape, data }: { shape: readonly number[]; data: EncodedRows['inputs'][number]['data'] }) =>
    data.subarray(first * sizeOf(shape), (first + count) * sizeOf(shape))
  const rowWeights = weights?.subarray(first, first + count) ?? new Float32Array(count).fill(1)
  return {
    count,
    values: {
      inputs: new Map(inputs.map((input) => [input.name, cut(input)])),
      targets: new Map(targets.map((target) => [target.name, cut(target)])),
      rowWeights: new Map(targets.map(({ name }) => [name, rowWeights])),
    },
  }
}

function addStep(sums: MetricSums, results: StepOutputs<Numbers>, rows: number): MetricSums {
  const added = (loss: Numbers | undefined, before = 0): number => before + rows * (loss?.[0] ?? NaN)
  return {
    rows: sums.rows + rows,
    steps: sums.steps + 1,
    loss: added(results.loss, sums.loss),
    losses: new Map([...results.losses].map(([name, loss]) => [name, added(loss, sums.losses.get(name))])),
    metrics: new Map(
      [...results.metrics].map(([label, values]) => {
        const before = sums.metrics.get(label)
        return [label, Float64Array.from(values, (x, i) => x + (before?.[i] ?? 0))]
      }),
    ),
  }
}
