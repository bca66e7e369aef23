import * as fc from 'fast-check'
import { parse } from 'yaml'
import * as z from 'zod'

import { sizeOf } from '../../src/ir/ir.ts'
import { required } from '../../src/step/step-program.ts'
import { storedShape } from '../../src/step/targets.ts'
import type { Task } from '../../src/step/task.ts'
import { losses } from '../../src/components/losses/index.ts'
import { optimizers } from '../../src/components/optimizers/index.ts'
import { schedules } from '../../src/components/schedules/index.ts'
import type { EncodedRows } from '../../src/data/rows/encoded-rows.ts'
import { shapeOf } from '../../src/model/graph.ts'
import type { Weights } from '../../src/model/weights.ts'
import { randomBits, randomUniform, stream } from '../../src/random.ts'
import { drawConfig } from '../ir/examples.ts'
import type { Draw } from '../ir/examples.ts'
import { modelOf, randomModel, stepInputs } from '../step/random-model.ts'
import type { RandomModel } from '../step/random-model.ts'

/** A training that Keras and nnlab are to agree on. */
export type RandomSpec = {
  readonly number: number
  readonly config: Config
  readonly task: Task
  readonly start: Weights
  readonly encoded: EncodedRows
  readonly batch: number
  readonly steps: number
  readonly classWeight: readonly number[] | undefined
}

const option = z.looseObject({ type: z.string() })
const configSchema = z.object({
  model: z.looseObject({
    layers: z.array(option.extend({ name: z.string() })),
    outputs: z.array(z.string()),
  }),
  compile: z.looseObject({
    loss: z.record(z.string(), option),
    optimizer: option,
    metrics: z.record(z.string(), z.array(option)),
  }),
})
type Config = z.output<typeof configSchema>

/** Chance has no part in what two programs are to agree on. */
const NOISE = ['rate', 'stddev', 'dropout', 'recurrent_dropout']

/** Values of the options that have no examples of their own, tried as often as not. */
const OPTIMIZER_OPTIONS = {
  momentum: [0.5, 0.9],
  beta_1: [0.8],
  clipnorm: [0.1],
  clipvalue: [0.05],
  global_clipnorm: [0.2],
  weight_decay: [0.01],
  ema_momentum: [0.8],
  ema_overwrite_frequency: [6],
}
const LOSS_OPTIONS = {
  label_smoothing: [0.1],
  delta: [0.3],
  gamma: [1.5],
  alpha: [0.4],
  apply_class_balancing: [true],
}
const STEPS = 20

/** The same specs for the same seed. */
export function randomSpecs(count: number, seed: number): RandomSpec[] {
  // Small models come first, and many of them have no layer but the last.
  return (
    fc
      .sample(randomModel(), { numRuns: 3 * count + 20, seed })
      .filter(({ yaml }) => yaml.includes('name: layer0'))
      // Keras does not see that glu halves an axis, and refuses the weights of the layers after it; it has another
      // sparsemax, as docs/keras.md says.
      .filter(({ yaml }) => !/activation: (glu|sparsemax)/.test(yaml))
      .slice(0, count)
      .map((model, number) => vary(model, number, drawsOf(seed, number)))
  )
}

function drawsOf(seed: number, number: number): Draw {
  let next = 0
  return (limit) => (randomBits(stream(seed, `parity/${number}`), next++, 1)[0] ?? 0) % limit
}

function vary({ yaml, batch }: RandomModel, number: number, draw: Draw): RandomSpec {
  const config = comparable(configSchema.parse(parse(yaml)))
  for (const [name, loss] of Object.entries(config.compile.loss)) varyLoss(config, name, loss, draw)
  config.compile.optimizer = varyOptimizer(config.compile.optimizer, draw)
  const rows = 3 * batch - draw(2)
  // One row has no variance to explain.
  if (rows % batch === 1 || batch === 1) dropMetrics(config, 'r2_score')
  const outputs = config.model.outputs
  if (outputs.length > 1 && draw(2) === 0) {
    config.compile['loss_weights'] = Object.fromEntries(outputs.map((name, i) => [name, [0.3, 2][i] ?? 1]))
  }
  const weighting = draw(3)
  if (weighting > 0 && draw(2) === 0) {
    config.compile['weighted_metrics'] = config.compile.metrics
    config.compile.metrics = {}
  }
  const model = modelOf(config, batch)
  const { task } = model
  const [output] = task.outputs
  const classes = Math.max(2, shapeOf(task.graph, outputs[0] ?? '').at(-1) ?? 1)
  const byClass = weighting === 2 && task.outputs.length === 1 && output?.kind === 'classes'
  const classWeight = byClass ? [0.5, 2, 1, 1.5].slice(0, classes) : undefined
  return {
    number,
    config,
    task,
    ...numbersOf({ ...model, batch: rows }, weighting === 1),
    batch,
    steps: STEPS,
    classWeight,
  }
}

function dropMetrics({ compile }: Config, type: string): void {
  for (const [output, list] of Object.entries(compile.metrics)) {
    compile.metrics[output] = list.filter((metric) => metric.type !== type)
  }
}

/** Without what Keras and nnlab are not to agree on. */
function comparable(config: Config): Config {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip)
    if (typeof value !== 'object' || value === null) return value
    // Keras 3.15 takes the activity_regularizer of a SimpleRNN and forgets it.
    const forgotten = 'type' in value && value.type === 'simple_rnn' ? 'activity_regularizer' : undefined
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== forgotten)
        .map(([key, inner]) => [key, NOISE.includes(key) ? 0 : strip(inner)]),
    )
  }
  return configSchema.parse({ ...config, model: strip(config.model) })
}

function varyLoss(config: Config, output: string, loss: Config['compile']['loss'][string], draw: Draw): void {
  const component = losses.of(loss)
  const layer = config.model.layers.find(({ name }) => name === output)
  // All that one number has of a direction is its sign.
  if (layer?.['units'] === 1 && loss.type === 'cosine_similarity') layer['units'] = 2
  for (const [name, values] of Object.entries(LOSS_OPTIONS)) {
    if (name in component.options() && draw(2) === 0) loss[name] = values[draw(values.length)]
  }
  if (layer === undefined || !('from_logits' in component.options()) || draw(2) === 0) return
  loss['from_logits'] = true
  layer['activation'] = 'linear'
  // Keras compares logits as if they were probabilities.
  config.compile.metrics[output] = []
}

function varyOptimizer(given: Config['compile']['optimizer'], draw: Draw): Config['compile']['optimizer'] {
  const component = optimizers.of(given)
  let config = given
  for (const [name, values] of Object.entries(OPTIMIZER_OPTIONS)) {
    if (!(name in component.options()) || draw(3) !== 0) continue
    const changed = { ...config, [name]: values[draw(values.length)] }
    if (optimizers.ref().safeParse(changed).success) config = changed
  }
  const rate = component.type === 'adadelta' ? 0.5 : 0.01
  const schedule = schedules.members[draw(2 * schedules.members.length)]
  if (schedule === undefined) return { ...config, learning_rate: rate }
  const scheduled = drawConfig(schedules, schedule, draw)
  return {
    ...config,
    learning_rate: {
      ...scheduled,
      ...('initial_learning_rate' in scheduled && { initial_learning_rate: rate }),
    },
  }
}

/** Initial weights, and rows: three batches, the last of which may lack one. */
function numbersOf(model: RandomModel, weighted: boolean): { start: Weights; encoded: EncodedRows } {
  const { task, batch: rows } = model
  const { parameters, inputs, targets } = stepInputs(model)
  return {
    start: parameters,
    encoded: {
      rows,
      inputs: task.graph.inputs.map(({ name, shape }) => ({ name, shape, data: required(inputs, name) })),
      targets: task.outputs.map(({ name, kind }) => {
        const shape = storedShape(kind, shapeOf(task.graph, name))
        const data = required(targets, name).subarray(0, rows * sizeOf(shape))
        return kind === 'classes'
          ? { name, shape, kind, data: Int32Array.from(data) }
          : { name, shape, kind, data }
      }),
      sourceRow: Uint32Array.from({ length: rows }, (_, i) => i),
      ...(weighted && { sampleWeight: randomUniform(stream(1, 'sample_weight'), 0, rows) }),
    },
  }
}
