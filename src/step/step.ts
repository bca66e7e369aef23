import { EPSILON } from '../components/epsilon.ts'
import { losses, probabilitiesOf } from '../components/losses/index.ts'
import type { LossInputs } from '../components/losses/loss.ts'
import { metrics } from '../components/metrics/index.ts'
import type { MetricComponent, MetricInputs } from '../components/metrics/metric.ts'
import { regularizers } from '../components/regularizers/index.ts'
import { DataError } from '../errors.ts'
import type { Builder } from '../ir/builder.ts'
import { sameShape } from '../ir/ir.ts'
import type { Shape, Value } from '../ir/ir.ts'
import { isImage } from '../model/augment.ts'
import { isTrained, shapeOf } from '../model/graph.ts'
import type { Graph, Parameter } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import { applyScaling } from '../runtime/scaling.ts'
import { augmentImages } from './augment.ts'
import { buildForward } from './forward.ts'
import type { Forward } from './forward.ts'
import { required, StepBuilder } from './step-program.ts'
import type { ByName, StepProgram } from './step-program.ts'
import { storedShape, targetFor } from './targets.ts'
import type { OutputTask, Task } from './task.ts'

export type StepMode = 'train' | 'evaluate' | 'predict'

/**
 * The program of one batch without an update. It takes the parameters, the model's inputs and a counter; but for
 * predictions also targets and row weights; in training, where images are augmented, also the epoch and the rows. It
 * yields the model's outputs; with targets also the losses and metrics, and in training the parameters that layers assign.
 */
export function buildStep(task: Task, batch: number, mode: StepMode, b?: Builder): StepProgram {
  const step = new StepBuilder(b)
  appendStep(step, task, batch, mode)
  return step.build()
}

/** The values that a training step differentiates. */
export type StepValues = {
  /** By id. */
  readonly parameters: ByName<Value>
  readonly loss: Value | undefined
}

/** Appends the operations of a batch; in training its predictions are no results. */
export function appendStep(step: StepBuilder, task: Task, batch: number, mode: StepMode): StepValues {
  const { parameters, forward, scores, loss } = appendBatch(step, task, batch, mode, wholeBatch)
  if (mode !== 'train') for (const [name, value] of forward.outputs) step.output('outputs', name, value)
  if (loss === undefined) return { parameters, loss }
  for (const score of scores) {
    step.output('losses', score.output, score.loss)
    for (const [label, value] of score.metrics) step.output('metrics', label, value)
  }
  const penalized = addPenalties(step.b, task, parameters, loss)
  step.loss(penalized)
  for (const [id, value] of forward.assigned) step.assign('parameters', id, value)
  return { parameters, loss: penalized }
}

/** The place of rows among all rows of their batch, whose means their losses are parts of. */
export type PartOfBatch = {
  /** Share of the rows. */
  readonly share: number
  /** The number of samples that masks keep in the whole batch, from that of these rows. */
  keptInBatch(output: string, kept: Value): Value
}

const wholeBatch: PartOfBatch = { share: 1, keptInBatch: (_output, kept) => kept }

/** The values that a batch, or a part of one, comes to. */
export type BatchValues = {
  /** By id. */
  readonly parameters: ByName<Value>
  readonly forward: Forward
  /** Undefined in predictions, like the scores. */
  readonly loss: Value | undefined
  readonly scores: readonly OutputScore[]
}

/** Appends the operations of some rows, without the penalties on weights, which belong to no rows. */
export function appendBatch(
  step: StepBuilder,
  task: Task,
  batch: number,
  mode: StepMode,
  part: PartOfBatch,
): BatchValues {
  const { graph } = task
  const { b } = step
  const all = graph.nodes.flatMap((node) => node.parameters)
  const parameters = new Map(all.map(({ id, shape }) => [id, step.input('parameters', id, shape)]))
  const counter = step.single('counter', 'i32')
  const inputs = new Map(
    graph.inputs.map(({ name, shape }) => [name, step.input('inputs', name, [batch, ...shape])]),
  )
  const forward = buildForward(b, graph, {
    inputs: mode === 'train' ? augmented(step, inputs, task.augment ?? [], batch) : inputs,
    parameters,
    training: mode === 'train',
    counter,
  })
  if (mode === 'predict') return { parameters, forward, loss: undefined, scores: [] }

  let total: Value | undefined
  const add = (term: Value): void => void (total = total === undefined ? term : b.add(total, term))
  const scores = task.outputs.map((output) => {
    const score = scoreOutput(b, output, comparedOf(step, task, output, forward, batch), part)
    add(output.lossWeight === 1 ? score.loss : b.mul(score.loss, output.lossWeight))
    return score
  })
  for (const penalty of forward.penalties) add(scaled(b, penalty, part.share))
  if (total === undefined) throw new Error('the model has no output')
  return { parameters, forward, loss: total, scores }
}

/** A loss with the penalties on weights; as in Keras, those that are not trained have none. */
export function addPenalties(
  b: Builder,
  { graph }: Pick<Task, 'graph'>,
  parameters: ByName<Value>,
  loss: Value,
): Value {
  return trainedIn(graph).reduce(
    (total, { id, regularizer }) =>
      regularizer
        ? b.add(total, regularizers.of(regularizer).penalty(b, required(parameters, id), regularizer))
        : total,
    loss,
  )
}

/** The parameters that training descends by. */
export function trainedIn({ nodes }: Graph): Parameter[] {
  return nodes.flatMap((node) => node.parameters.filter((parameter) => isTrained(node, parameter)))
}

/** The inputs of a batch with their images augmented. */
function augmented(
  step: StepBuilder,
  inputs: ReadonlyMap<string, Value>,
  list: readonly ComponentConfig[],
  batch: number,
): ReadonlyMap<string, Value> {
  if (list.length === 0) return inputs
  const key = { epoch: step.single('epoch', 'i32'), rows: step.single('rows', 'i32', [batch]) }
  return new Map(
    [...inputs].map(([name, x]) => [
      name,
      isImage(x.shape.slice(1)) ? augmentImages(step.b, x, list, key) : x,
    ]),
  )
}

/** An output's prediction, with what it is compared with and how rows and steps weigh. */
type OutputComparison = {
  readonly stored: Value
  readonly prediction: Value
  readonly weights: Value
  readonly mask: Value | undefined
}

function comparedOf(
  step: StepBuilder,
  { graph }: Task,
  { name, kind, weights = [] }: OutputTask,
  { outputs, masks }: Forward,
  batch: number,
): OutputComparison {
  const shape = [batch, ...storedShape(kind, shapeOf(graph, name))]
  return {
    stored: step.input('targets', name, shape, kind === 'classes' ? 'i32' : 'f32'),
    prediction: required(outputs, name),
    weights: step.input('rowWeights', name, [batch, ...weights]),
    mask: masks.get(name),
  }
}

/** The loss of an output of the model, and its metrics by label. */
export type OutputScore = {
  readonly output: string
  readonly loss: Value
  readonly metrics: readonly (readonly [label: string, sums: Value])[]
}

/**
 * Scores an output. Its loss is the weighted mean over samples, where weights do not count in the number that divides, as
 * Keras's `sum_over_batch_size`. A mask weighs steps by 0 or 1, and the steps kept count instead.
 */
function scoreOutput(
  b: Builder,
  output: OutputTask,
  compared: OutputComparison,
  { share, keptInBatch }: PartOfBatch,
): OutputScore {
  const { stored, prediction, weights, mask } = compared
  const component = losses.of(output.loss)
  const target = targetFor(b, component.target, stored, prediction, output)
  const perSample = component.call(b, { target, prediction }, output.loss)
  if (!sameShape(perSample.shape.slice(0, weights.shape.length), weights.shape)) {
    const shape = perSample.shape.slice(1).join(', ')
    throw new DataError(
      `compile.loss: ${output.loss.type} yields the shape [${shape}] a row, which the weights of steps do not fit`,
    )
  }
  const given = weightsOver(b, weights, perSample.shape)
  const applied = mask && maskOver(b, mask, perSample.shape)
  const weighted = b.mul(perSample, applied ? b.mul(given, applied) : given)
  const loss = applied
    ? b.div(b.sum(weighted), b.max(keptInBatch(output.name, b.sum(applied)), EPSILON))
    : scaled(b, b.mean(weighted), share)
  const samples = prediction.shape.slice(0, -1)
  const kept = (mask && maskOver(b, mask, samples)) ?? b.constant(1, samples)
  const asProbabilities = readable(b, prediction, output.loss)
  const scored = output.metrics.map(({ label, config, weighted }) => {
    const metric = metrics.of(config)
    const plain = {
      target: targetFor(b, metric.target, stored, prediction, output),
      // A metric that takes logits itself is given them.
      prediction: metric.ordinal || config['from_logits'] === true ? prediction : asProbabilities(),
    }
    const against = metric.counts === 'value' ? inOwnUnit(b, output, metric, plain) : plain
    const weigh = weighted ? b.mul(kept, weightsOver(b, weights, samples)) : kept
    return [label, metric.update(b, { ...against, weights: weigh }, config)] as const
  })
  return { output: output.name, loss, metrics: scored }
}

export function scaled(b: Builder, value: Value, factor: number): Value {
  return factor === 1 ? value : b.mul(value, factor)
}

/** A prediction as metrics and readers see it, in probabilities where the loss takes logits; built at the first call. */
function readable(b: Builder, prediction: Value, loss: ComponentConfig): () => Value {
  const activation = probabilitiesOf(loss) ?? 'linear'
  let value = activation === 'linear' ? prediction : undefined
  return () => (value ??= activation === 'sigmoid' ? b.sigmoid(prediction) : b.softmax(prediction))
}

/**
 * Targets and predictions in the target's own unit, from those of its scaling; only its factor is undone for a metric of
 * differences, which would lose digits to the shift. For others the difference is taken before the shift.
 */
function inOwnUnit(
  b: Builder,
  { scalings = [], sample, shape }: OutputTask,
  { compares }: MetricComponent,
  { target, prediction }: LossInputs,
): Omit<MetricInputs, 'weights'> {
  const units = shape.at(-1) ?? 1
  const factors = scalings.map(({ multiply }) => 1 / multiply)
  const sized = (x: Value): Value => (factors.length > 0 ? b.mul(x, b.constant(factors, shape)) : x)
  // All steps of a unit have one center, which their scalings may place differently.
  const centers = sample?.map((_, i) => applyScaling(scalings[i], sample[i % units] ?? 0))
  const centered = centers && sized(b.sub(target, b.constant(centers, shape)))
  if (scalings.length === 0 || compares === 'differences')
    return { target: sized(target), prediction: sized(prediction), centered }
  const shifts = scalings.map(({ subtract }) => subtract)
  const shift = b.constant(shifts, shape)
  const shifted = b.add(sized(target), shift)
  // A target of 0 comes back as what float32 rounds of its shift, by which no percentage may divide.
  const rounding = b.constant(
    shifts.map((x) => Math.abs(x) * 2 ** -21),
    shape,
  )
  return {
    target: b.select(b.less(rounding, b.abs(shifted)), shifted, 0),
    prediction: b.add(sized(prediction), shift),
    difference: sized(b.sub(target, prediction)),
    centered,
  }
}

/** The weights of rows [batch] or of their steps [batch, ...], to be broadcast over samples of a shape [batch, ...]. */
function weightsOver(b: Builder, weights: Value, shape: Shape): Value {
  return b.reshape(weights, [...weights.shape, ...shape.slice(weights.shape.length).map(() => 1)])
}

/** A mask [batch, steps] for each sample of a shape [batch, steps, ...]; undefined where samples have no steps. */
function maskOver(b: Builder, mask: Value, shape: Shape): Value | undefined {
  if (!sameShape(shape.slice(0, 2), mask.shape)) return undefined
  return b.broadcast(b.reshape(mask, [...mask.shape, ...shape.slice(2).map(() => 1)]), shape)
}
