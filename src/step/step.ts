import { EPSILON } from '../components/epsilon.ts'
import { losses } from '../components/losses/index.ts'
import { metrics } from '../components/metrics/index.ts'
import { regularizers } from '../components/regularizers/index.ts'
import { isImage } from '../model/augment.ts'
import { shapeOf } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import { augmentImages } from './augment.ts'
import { Builder } from '../ir/builder.ts'
import { buildForward } from './forward.ts'
import { sameShape } from '../ir/ir.ts'
import type { Program, Shape, Value } from '../ir/ir.ts'
import { storedShape, targetFor } from './targets.ts'
import type { OutputTask, Task } from './task.ts'

type Mode = 'train' | 'evaluate' | 'predict'

/**
 * The program of one batch. Inputs: `parameter:ID`, `input:NAME`, and with targets `target:NAME` and
 * `weight:NAME` (f32 [batch]), and `counter` (i32 scalar); where training augments images also `epoch` (i32 scalar) and
 * `rows` (i32 [batch], the number of each row in the training split). Outputs: `output:NAME`; with targets also `loss` (scalar, to
 * be minimised), `loss:NAME`, `metric:LABEL` (sums), and in training `assign:ID`.
 */
export function buildStep(task: Task, batch: number, mode: Mode, b = new Builder()): Program {
  return b.program(appendStep(b, task, batch, mode).outputs)
}

export type Step = {
  /** By id. */
  readonly parameters: ReadonlyMap<string, Value>
  readonly outputs: ReadonlyMap<string, Value>
}

/** Appends the inputs and the operations of `buildStep`. */
export function appendStep(b: Builder, task: Task, batch: number, mode: Mode): Step {
  const { graph } = task
  const parameters = graph.nodes.flatMap((node) => node.parameters)
  const values = new Map(parameters.map(({ id, shape }) => [id, b.input(`parameter:${id}`, shape)]))
  const counter = b.input('counter', [], 'i32')
  const inputs = new Map(
    graph.inputs.map(({ name, shape }) => [name, b.input(`input:${name}`, [batch, ...shape])]),
  )
  const forward = buildForward(b, graph, {
    inputs: mode === 'train' ? augmented(b, inputs, task.augment ?? [], batch) : inputs,
    parameters: values,
    training: mode === 'train',
    counter,
  })
  const results: [string, Value][] = [...forward.outputs].map(([name, value]) => [`output:${name}`, value])
  if (mode === 'predict') return { parameters: values, outputs: new Map(results) }

  let total: Value | undefined
  const add = (term: Value): void => void (total = total === undefined ? term : b.add(total, term))
  for (const output of task.outputs) {
    const prediction = forward.outputs.get(output.name)
    if (prediction === undefined) throw new Error(`the model has no output named ${output.name}`)
    const shape = storedShape(output.kind, shapeOf(graph, output.name))
    const stored = b.input(
      `target:${output.name}`,
      [batch, ...shape],
      output.kind === 'classes' ? 'i32' : 'f32',
    )
    const weights = b.input(`weight:${output.name}`, [batch])
    const scored = scoreOutput(b, output, {
      stored,
      prediction,
      weights,
      mask: forward.masks.get(output.name),
    })
    add(output.lossWeight === 1 ? scored.loss : b.mul(scored.loss, output.lossWeight))
    results.push([`loss:${output.name}`, scored.loss], ...scored.metrics)
  }
  for (const penalty of forward.penalties) add(penalty)
  for (const { id, regularizer } of parameters) {
    const value = values.get(id)
    if (regularizer && value) add(regularizers.of(regularizer).penalty(b, value, regularizer))
  }
  if (total === undefined) throw new Error('the model has no output')
  results.push(
    ['loss', total],
    ...[...forward.assigned].map(([id, value]): [string, Value] => [`assign:${id}`, value]),
  )
  return { parameters: values, outputs: new Map(results) }
}

/** The inputs of a batch with their images augmented. */
function augmented(
  b: Builder,
  inputs: ReadonlyMap<string, Value>,
  list: readonly ComponentConfig[],
  batch: number,
): ReadonlyMap<string, Value> {
  if (list.length === 0) return inputs
  const moment = { epoch: b.input('epoch', [], 'i32'), rows: b.input('rows', [batch], 'i32') }
  return new Map(
    [...inputs].map(([name, x]) => [name, isImage(x.shape.slice(1)) ? augmentImages(b, x, list, moment) : x]),
  )
}

type Scored = { loss: Value; metrics: [string, Value][] }
type Compared = { stored: Value; prediction: Value; weights: Value; mask: Value | undefined }

/**
 * The loss of one output: the weighted mean over samples, where weights do not count in the number that divides, as
 * Keras's `sum_over_batch_size`. A mask weighs steps by 0 or 1, and the steps kept count instead.
 */
function scoreOutput(
  b: Builder,
  output: OutputTask,
  { stored, prediction, weights, mask }: Compared,
): Scored {
  const component = losses.of(output.loss)
  const target = targetFor(b, component.target, stored, prediction)
  const perSample = component.call(b, { target, prediction }, output.loss)
  const rows = rowsOver(b, weights, perSample.shape)
  const applied = mask && maskOver(b, mask, perSample.shape)
  const weighted = b.mul(perSample, applied ? b.mul(rows, applied) : rows)
  const loss = applied ? b.div(b.sum(weighted), b.max(b.sum(applied), EPSILON)) : b.mean(weighted)
  const samples = prediction.shape.slice(0, -1)
  const kept = (mask && maskOver(b, mask, samples)) ?? b.constant(1, samples)
  const found = output.metrics.map(({ label, config, weighted }): [string, Value] => {
    const metric = metrics.of(config)
    const compared = { target: targetFor(b, metric.target, stored, prediction), prediction }
    const weigh = weighted ? b.mul(kept, rowsOver(b, weights, samples)) : kept
    return [`metric:${label}`, metric.update(b, { ...compared, weights: weigh }, config)]
  })
  return { loss, metrics: found }
}

/** The weights of rows [batch], to be broadcast over samples of a shape [batch, ...]. */
function rowsOver(b: Builder, weights: Value, shape: Shape): Value {
  return b.reshape(weights, [shape[0] ?? 0, ...shape.slice(1).map(() => 1)])
}

/** A mask [batch, steps] for each sample of a shape [batch, steps, ...]; undefined where samples have no steps. */
function maskOver(b: Builder, mask: Value, shape: Shape): Value | undefined {
  if (!sameShape(shape.slice(0, 2), mask.shape)) return undefined
  return b.broadcast(b.reshape(mask, [...mask.shape, ...shape.slice(2).map(() => 1)]), shape)
}
