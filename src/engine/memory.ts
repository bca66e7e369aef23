import { availableParallelism } from 'node:os'

import type { GraphNode } from '../model/graph.ts'
import { Recent } from '../recent.ts'
import { measure } from '../step/measure.ts'
import { stepKey } from '../step/step-key.ts'
import type { Task } from '../step/task.ts'
import { slotsOf } from '../step/update.ts'
import type { Engine } from './engine.ts'
import type { EngineChoice } from './select.ts'

/** Memory that training takes on an engine, in bytes. */
export type TrainingMemory = {
  /** The engine's own memory, for weights, slots and a step. */
  readonly bytes: number
  /** The most that the engine's own memory can have. */
  readonly most: number
  /** Copies of weights and slots outside of it, to be saved. */
  readonly copies: number
  /** The layer that takes the most, with its weights and about what a step takes for it. */
  readonly heaviest: { readonly node: GraphNode; readonly weights: number; readonly step: number }
}

/** A step surely fits into this many times its values and weights. */
const AMPLE = 20

/** Gradients of each operand that TensorFlow.js holds at once, sums among them; measured on unrolled recurrent layers. */
const TFJS_GRADIENTS = 2.5

/** Those of the trials of a sweep are often the same. */
const recent = new Recent<ReturnType<typeof measure>>(4)

/** Plans the memory of training on batches of some rows; nothing of these sizes is made. */
export async function trainingMemory(
  { name, arithmetic }: Pick<Engine, 'name' | 'arithmetic'>,
  { threads }: Pick<EngineChoice, 'threads'>,
  task: Task,
  batch: number,
): Promise<TrainingMemory> {
  const gradients = name === 'tfjs' ? TFJS_GRADIENTS : 0
  const key = stepKey(task, 'train', batch)
  const measured = recent.get(key, () => measure(task, batch))
  const layers = Array.from(measured, ([node, size]) => ({
    node,
    weights: 4 * size.weights,
    slots: 4 * size.trained * slotsOf(task.optimizer).length,
    step: 4 * (size.values + gradients * size.operands),
  }))
  const sum = (key: 'weights' | 'slots' | 'step'): number =>
    layers.reduce((total, layer) => total + layer[key], 0)
  const weights = sum('weights')
  const state = weights + sum('slots')
  const [heaviest] = layers.toSorted((a, b) => b.weights + b.step - (a.weights + a.step))
  if (heaviest === undefined) throw new Error('a model has a layer')
  const planned = { heaviest, copies: weights + state }
  if (name === 'tfjs')
    return { ...planned, bytes: state + sum('step'), most: arithmetic === 'wasm' ? 2 ** 32 : Infinity }
  const { mostBytes } = await import('./compiled/arena.ts')
  const most = mostBytes()
  const isClear = state > most || state + AMPLE * (weights + sum('step')) <= most
  if (isClear) return { ...planned, bytes: state + sum('step'), most }
  const { stepBytes } = await import('./compiled/memory.ts')
  const cores = threads === 'auto' ? availableParallelism() : threads
  return { ...planned, bytes: state + stepBytes(task, batch, cores), most }
}
