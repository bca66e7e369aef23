import { amount } from '../byte-size.ts'
import { ConfigError, errorAt } from '../diagnostic.ts'
import type { Diagnostic, Problem } from '../diagnostic.ts'
import type { Engine } from '../engine/engine.ts'
import { trainingMemory } from '../engine/memory.ts'
import type { TrainingMemory } from '../engine/memory.ts'
import { keyOfSize } from '../model/rules/memory.ts'
import type { Task } from '../step/task.ts'
import { counted } from '../wording.ts'
import { isSized } from './build-experiment.ts'
import type { Experiment } from './build-experiment.ts'
import { taskOf } from './task.ts'

/** Keras's default, which no one has to make smaller. */
const ORDINARY_BATCH = 32

type PlannedTraining = {
  readonly experiment: Experiment
  readonly task: Task
  readonly engine: Pick<Engine, 'name' | 'arithmetic'>
}

/**
 * Refuses, before any of it is taken, training that takes more memory than its engine has, or the machine for each of the
 * processes that train on it.
 */
export async function requireMemory(
  training: PlannedTraining,
  rows: number,
  machine: number,
  processes = 1,
): Promise<void> {
  const { document, spec } = training.experiment
  const problem = await memoryProblem(training, Math.min(spec.fit.batch_size, rows), machine, processes)
  if (problem !== undefined) throw new ConfigError([document.locate(problem)], document.sources)
}

/**
 * Diagnostics of a config on its own, when its rows are not known: an error where not even batches of one row can be trained
 * on, a warning where whole batches cannot.
 */
export async function foresee(experiment: Experiment | undefined, machine: number): Promise<Diagnostic[]> {
  if (experiment === undefined || !isSized(experiment)) return []
  const { document, spec } = experiment
  const { fit } = spec
  const task = taskOf(experiment)
  const engine = fit.engine === 'tfjs' ? tfjs : compiled
  const planned = { experiment, task, engine }
  const whole = await memoryProblem(planned, fit.batch_size, machine)
  // What has room for a batch has room for a row.
  const single = whole && (await memoryProblem(planned, 1, Infinity))
  return whole ? [document.locate(single ?? { ...whole, severity: 'warning' })] : []
}

const compiled = { name: 'compiled', arithmetic: 'fma' } as const
/** The backend is chosen when training begins. */
const tfjs = { name: 'tfjs', arithmetic: '' } as const

/** The problem of training on batches of some rows where it takes more memory than there is. */
async function memoryProblem(
  { experiment, task, engine }: PlannedTraining,
  batch: number,
  machine: number,
  processes = 1,
): Promise<Problem | undefined> {
  const plan = (rows: number): Promise<TrainingMemory> =>
    trainingMemory(engine, experiment.spec.fit, task, rows)
  const planned = await plan(batch)
  const room = machine / processes
  const excess = excessOf(planned, room)
  if (excess === undefined) return undefined
  const { node, weights, step } = planned.heaviest
  const fewer = batch === 1 ? 0 : fittingBatch(await plan(1), planned, batch, room)
  const who = excess.own ? `the ${engine.name} engine has` : 'the machine has'
  const rows = `batches of ${counted(batch, 'row')}`
  const each = excess.own || processes === 1 ? '' : ` for each of ${processes} ranks`
  return errorAt(
    'memory',
    fewer >= ORDINARY_BATCH ? ['fit', 'batch_size'] : keyOfSize(node),
    `training on ${rows} takes ${amount(excess.bytes)} of memory, and ${who} ${amount(excess.most)}${each}; the layer ${node.name} takes the most: ${amount(weights)} for its weights and about ${amount(step)} for a batch`,
    fewer > 0 ? `set fit.batch_size to ${fewer}, or make the layer smaller` : 'make the layer smaller',
  )
}

/** The bytes that are asked of what has fewer: the engine's own memory or the machine. */
function excessOf({ bytes, most, copies }: TrainingMemory, machine: number) {
  if (bytes > most) return { bytes, most, own: true }
  return bytes + copies > machine ? { bytes: bytes + copies, most: machine, own: false } : undefined
}

/** The largest power of two of rows that fits, by what one row and what a batch takes; 0 where one row does not. */
function fittingBatch(one: TrainingMemory, whole: TrainingMemory, batch: number, machine: number): number {
  if (excessOf(one, machine)) return 0
  const room = Math.min(one.most, machine - one.copies) - one.bytes
  const perRow = (whole.bytes - one.bytes) / (batch - 1)
  return 2 ** Math.floor(Math.log2(1 + room / perRow))
}
