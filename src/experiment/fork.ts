import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'

import type { OptimizerState } from '../engine/engine.ts'
import { emptySums } from '../engine/engine.ts'
import { RunError, UsageError } from '../errors.ts'
import { readBase } from '../run/base.ts'
import { Checkpoints, positionOf } from '../run/checkpoints.ts'
import type { CheckpointPosition } from '../run/checkpoints.ts'
import { notARun } from '../run/not-a-run.ts'
import { DamagedRecordError, readRecord } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import { runName } from '../run/run-name.ts'
import type { TrainingState } from '../train/training-state.ts'
import { counted } from '../wording.ts'
import type { Environment } from './environment.ts'
import type { SavedRun } from './ready-run.ts'
import { openSession, originOf } from './training.ts'
import type { Training } from './training.ts'

/** A run that a fork starts from. */
export type ForkedRun = {
  readonly folder: string
  /** Its checkpoint, where one was named; else the newest that is intact. */
  readonly checkpoint: CheckpointPosition | undefined
  /** Undefined where it is damaged: the checkpoints can still be read. */
  readonly record: RunRecord | undefined
}

/** Opens the run of a folder, or of one of its checkpoints. */
export async function openForked(path: string, cwd: string): Promise<ForkedRun> {
  const named = resolve(cwd, path)
  const found = await realpath(named).catch(() => named)
  const checkpoint = basename(dirname(found)) === 'checkpoints' ? positionOf(basename(found)) : undefined
  const folder = checkpoint ? dirname(dirname(found)) : found
  const record = await readRecord(folder).catch((error: unknown) => {
    if (!(error instanceof DamagedRecordError)) throw error
    return undefined
  })
  if (record === undefined && !existsSync(new Checkpoints(folder, '').folder)) throw notARun(path, folder)
  return { folder, checkpoint, record }
}

/** Path of the checkpoint that a fork starts from: that which was named, or the newest that is intact. */
export async function findCheckpoint(
  { folder, checkpoint, record }: ForkedRun,
  training: Training,
  { cwd, onNote }: Environment,
): Promise<string> {
  const name = runName(folder, cwd)
  const store = new Checkpoints(folder, record?.id ?? '')
  const origin = { run: record?.id, sizes: originOf(training, '').sizes }
  const damages: RunError[] = []
  const state = checkpoint
    ? await store.read(checkpoint, origin)
    : await store.newest(origin, (damage) => void damages.push(damage))
  if (state === undefined) {
    const [why] = damages
    throw new RunError(
      why === undefined
        ? `${name} has no checkpoint to start from`
        : `no checkpoint of ${name} can be used: ${why.message}`,
    )
  }
  for (const { message } of damages) onNote(message)
  const { epochs } = training.experiment.spec.fit
  if (state.epoch >= epochs) {
    throw new UsageError(`the checkpoint is from after epoch ${state.epoch}, and fit.epochs is ${epochs}`, {
      hint: (option) => `set more epochs, as in ${option('set')} fit.epochs=${state.epoch + 10}`,
    })
  }
  if (record !== undefined && record.data.sha256 !== training.data.fingerprint) {
    onNote(`the data is not that of ${name}: transforms are fitted to it`)
  }
  onNote(`it starts from ${name} after ${counted(state.epoch, 'epoch')}: its weights and optimizer`)
  return store.pathOf({ epoch: state.epoch, step: state.sums.steps })
}

/** The state in which a fork begins; undefined for a run that begins with initial weights. */
export async function beginningOf(
  { folder, record }: SavedRun,
  training: Training,
): Promise<TrainingState | undefined> {
  const base = await readBase(folder, record, originOf(training, record.id).sizes)
  if (base === undefined) return undefined
  const session = openSession(training)
  const initial = await session.optimizer()
  session.dispose()
  return {
    epoch: base.epoch,
    weights: base.weights,
    optimizer: fits(base.optimizer, initial) ? withSlotsOf(base.optimizer, initial) : initial,
    metricValues: base.metricValues,
    // All else starts from the beginning: the steps of the epoch, the callbacks and the factor that they set, the clock and the logs.
    sums: emptySums(),
    factor: 1,
    seconds: 0,
    listenerStates: new Map(),
  }
}

/** True where an optimizer finds all that it keeps in the state of another. */
function fits(base: OptimizerState, initial: OptimizerState): boolean {
  const parameterOf = (key: string): string => key.slice(0, key.lastIndexOf('/'))
  const trained = new Set(Array.from(base.slots.keys(), parameterOf))
  // Slots of layers that were frozen begin now.
  const slots = [...initial.slots].every(
    ([key, numbers]) => base.slots.get(key)?.length === numbers.length || !trained.has(parameterOf(key)),
  )
  return slots && [...initial.state.keys()].every((name) => base.state.has(name))
}

function withSlotsOf(base: OptimizerState, initial: OptimizerState): OptimizerState {
  const taken = <T>(wanted: ReadonlyMap<string, T>, from: ReadonlyMap<string, T>): Map<string, T> =>
    new Map(Array.from(wanted, ([name, value]) => [name, from.get(name) ?? value]))
  return {
    iterations: base.iterations,
    slots: taken(initial.slots, base.slots),
    state: taken(initial.state, base.state),
  }
}
