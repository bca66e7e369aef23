// A training step in parts: of each part of a batch a program computes its shares of some sums, and one update takes these.
// Shares are added number by number, in an order that does not depend on who computed them.

import { differentiate, pullBack } from '../ir/gradient.ts'
import type { Value } from '../ir/ir.ts'
import { isOfKind } from '../ir/ops/index.ts'
import type { Parameter } from '../model/graph.ts'
import { required, StepBuilder } from './step-program.ts'
import type { StepProgram } from './step-program.ts'
import { addPenalties, appendBatch, scaled, trainedIn } from './step.ts'
import type { Task } from './task.ts'
import { appendUpdate } from './update.ts'

/** The rows `from` up to `end` of a batch. */
export type BatchPart = { readonly from: number; readonly end: number }

/** A batch cut into parts of consecutive rows: where they cannot be equal, the first ones have one row more. */
export function partsOf(rows: number, parts: number): BatchPart[] {
  const [size, more] = [Math.floor(rows / parts), rows % parts]
  const start = (part: number): number => part * size + Math.min(part, more)
  return Array.from({ length: parts }, (_, part) => ({ from: start(part), end: start(part + 1) }))
}

/** The keys of what is added up. */
const LOSS = 'loss'
const lossKey = (output: string): string => `loss/${output}`
const metricKey = (label: string): string => `metric/${label}`
const statisticKey = (parameter: string): string => `statistic/${parameter}`
const keptKey = (output: string): string => `kept/${output}`

/**
 * The program of a part of some rows that yields the number of samples that masks keep in it, for each output with a mask:
 * the mean over those of the whole batch needs to know how many there are. Undefined where no output has one.
 */
export function buildMaskCount(task: Task, rows: number, batch: number): StepProgram | undefined {
  const step = new StepBuilder()
  const keptInBatch = (output: string, kept: Value): Value => {
    step.output('shares', keptKey(output), kept)
    return kept
  }
  appendBatch(step, task, rows, 'train', { share: rows / batch, keptInBatch })
  const built = step.build()
  return built.shares.size === 0 ? undefined : built
}

/**
 * The program of a part of some rows of a batch: forward and gradient. It takes what `buildStep` takes in training and the
 * sums of what `buildMaskCount` yields. It yields its shares: of the losses, the gradients and the parameters that layers
 * assign, weighted by its rows, and of the metric sums.
 */
export function buildPart(task: Task, rows: number, batch: number): StepProgram {
  const step = new StepBuilder()
  const { b } = step
  const share = rows / batch
  const { parameters, forward, scores, loss } = appendBatch(step, task, rows, 'train', {
    share,
    keptInBatch: (output) => step.input('sums', keptKey(output), []),
  })
  if (loss === undefined) throw new Error('a training step has a loss')
  const yields = (key: string, value: Value): void => step.output('shares', key, value)
  const trained = trainedIn(task.graph)
  const gradients = differentiate(
    b,
    loss,
    trained.map(({ id }) => required(parameters, id)),
  )
  yields(LOSS, loss)
  for (const score of scores) {
    yields(lossKey(score.output), score.loss)
    for (const [label, sums] of score.metrics) yields(metricKey(label), sums)
  }
  for (const [i, gradient] of gradients.entries())
    step.output('gradientShares', trained[i]?.id ?? '', gradient)
  for (const [id, value] of forward.assigned) yields(statisticKey(id), scaled(b, value, share))
  return step.build()
}

/** The numbers of a parameter from one on. */
export type ParameterPiece = { readonly parameter: string; readonly from: number; readonly size: number }

/**
 * The program that ends a step: it takes the sums of the shares that a part yields, adds the penalties on weights, and
 * updates. It yields what a training step yields. With pieces, of which a parameter has one at most, it updates these
 * alone, which is the same where `updatesByNumber`.
 */
export function buildPartsUpdate(
  task: Task,
  part: StepProgram,
  pieces?: readonly ParameterPiece[],
): StepProgram {
  const step = new StepBuilder()
  const { b } = step
  const sum = (key: string): Value => {
    const { shape } = required(part.program.outputs, required(part.shares, key))
    return step.input('sums', key, shape)
  }
  const trained = trainedIn(task.graph)
  const updated = pieces ? inPieces(trained, pieces) : trained
  const values = updated.map((parameter) => ({
    parameter,
    value: step.input('parameters', parameter.id, parameter.shape),
  }))
  const loss = sum(LOSS)
  const byId = new Map(values.map(({ parameter, value }) => [parameter.id, value]))
  const penalized = addPenalties(b, task, byId, loss)
  const slopes = pullBack(
    b,
    [[penalized, b.constant(1)]],
    values.map(({ value }) => value),
  )
  const descents = values.map(({ parameter, value }) => {
    const own = step.input('gradients', parameter.id, parameter.shape)
    const ofPenalties = slopes.get(value)
    return { parameter, value, gradient: ofPenalties ? b.add(own, ofPenalties) : own }
  })
  step.loss(penalized)
  for (const { name, metrics } of task.outputs) {
    step.output('losses', name, sum(lossKey(name)))
    for (const { label } of metrics) step.output('metrics', label, sum(metricKey(label)))
  }
  for (const { id, shape } of task.graph.nodes.flatMap((node) => node.parameters)) {
    const key = statisticKey(id)
    if (!part.shares.has(key)) continue
    step.input('parameters', id, shape)
    step.assign('parameters', id, sum(key))
  }
  appendUpdate(step, task.optimizer, descents, task.unfrozen)
  return step.build()
}

function inPieces(parameters: readonly Parameter[], pieces: readonly ParameterPiece[]): Parameter[] {
  const known = new Map(parameters.map((parameter) => [parameter.id, parameter]))
  return pieces.map(({ parameter, size }) => ({ ...required(known, parameter), shape: [size] }))
}

/** Tells updates in which each new number follows from the numbers at its place, and from scalars. */
export function updatesByNumber({ program }: StepProgram): boolean {
  return program.values.every(
    (value) =>
      isOfKind(value, 'source', 'elementwise') && (value.op !== 'constant' || value.shape.length === 0),
  )
}
