import * as z from 'zod'

import type { KeptEpoch, ListenerState } from '../components/callbacks/listener.ts'
import { RunError } from '../errors.ts'
import type { MetricSums } from '../engine/engine.ts'
import type { Weights } from '../model/weights.ts'
import type { TrainingState } from '../train/training-state.ts'
import { checkpointFiles, readCheckpointFiles } from './checkpoint-files.ts'
import { Exact, ExactMap, exact, exactRecord } from './exact.ts'
import type { Contents } from './files.ts'

/** Run and shapes that a checkpoint must have been made from. */
export type CheckpointOrigin = {
  /** The id of the run; default: any. */
  readonly run?: string | undefined
  /** Sizes of the parameters, by their ids. */
  readonly sizes: ReadonlyMap<string, number>
  /** Sizes of the slots of the optimizer, by `parameter id/slot`; default: those of any optimizer. */
  readonly slots?: ReadonlyMap<string, number> | undefined
}

const ExactValues = z.record(z.string(), Exact)
const SavedEpoch = z.strictObject({ epoch: z.int().min(0), figures: ExactValues })
type SavedEpoch = z.output<typeof SavedEpoch>
const CheckpointState = z.strictObject({
  run: z.string(),
  epoch: z.int().min(0),
  totals: z.strictObject({
    rows: z.int().min(0),
    steps: z.int().min(0),
    losses: ExactMap,
    metrics: z.record(z.string(), z.array(Exact)),
  }),
  figures: ExactValues,
  factor: Exact,
  seconds: z.number().min(0),
  optimizer: z.strictObject({ iterations: z.int().min(0), state: ExactMap }),
  memories: z.record(
    z.string(),
    z.strictObject({
      values: z.record(z.string(), z.union([z.null(), Exact])),
      kept: SavedEpoch.optional(),
    }),
  ),
})
type CheckpointState = z.output<typeof CheckpointState>

/** Encodes a training state as the files of a checkpoint. */
export function encodeCheckpoint(run: string, trained: TrainingState): Promise<Map<string, Contents>> {
  const { epoch, sums, metricValues, factor, seconds, optimizer, listenerStates } = trained
  const state: z.input<typeof CheckpointState> = {
    run,
    epoch,
    totals: {
      rows: sums.rows,
      steps: sums.steps,
      losses: exactRecord([['loss', sums.loss], ...under(OUTPUT_LOSS, sums.losses)]),
      metrics: Object.fromEntries(
        Array.from(sums.metrics, ([name, values]) => [name, Array.from(values, exact)]),
      ),
    },
    figures: exactRecord(Object.entries(metricValues)),
    factor: exact(factor),
    seconds,
    optimizer: { iterations: optimizer.iterations, state: exactRecord(optimizer.state) },
    memories: Object.fromEntries(
      Array.from(listenerStates, ([name, { values, kept }]) => [
        name,
        {
          values: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, value === null ? null : exact(value)]),
          ),
          ...(kept && {
            kept: { epoch: kept.epoch, figures: exactRecord(Object.entries(kept.metricValues)) },
          }),
        },
      ]),
    ),
  }
  const arrays = new Map([
    ...under('weights:', trained.weights),
    ...under(SLOTS, optimizer.slots),
    ...[...listenerStates].flatMap(([name, { kept }]) => (kept ? under(keptPrefix(name), kept.weights) : [])),
  ])
  return checkpointFiles(state, arrays)
}

/** Reads a checkpoint of a run, or throws a RunError that names the file that is wrong. */
export async function readCheckpoint(
  folder: string,
  { run, sizes, slots }: CheckpointOrigin,
): Promise<TrainingState> {
  const { state, arrays } = await readCheckpointFiles(folder, (data, layout): CheckpointState => {
    const parsed = CheckpointState.safeParse(data)
    if (!parsed.success) throw new RunError(`${folder}: its state is damaged`)
    if (run !== undefined && parsed.data.run !== run) throw new RunError(`${folder} belongs to another run`)
    for (const [name, length] of layout) {
      const slot = /^slots:(.*)$/.exec(name)?.[1]
      const parameter = /^(?:weights:|kept:.*?:)(.*)$/.exec(name)?.[1]
      if (slot !== undefined && slots === undefined) continue
      if ((slot === undefined ? sizes.get(parameter ?? '') : slots?.get(slot)) === length) continue
      throw new RunError(`${folder}: its array ${name} of ${length} numbers does not fit the network`)
    }
    return parsed.data
  })
  const taken = (prefix: string, wanted: ReadonlyMap<string, number>): Map<string, Float32Array> =>
    new Map(
      Array.from(wanted.keys(), (name) => {
        const numbers = arrays.get(`${prefix}${name}`)
        if (numbers === undefined) throw new RunError(`${folder}: the array ${prefix}${name} is missing`)
        return [name, numbers]
      }),
    )
  const { epoch, totals, figures, factor, seconds, optimizer, memories } = state
  const ownSlots = [...arrays].filter(([name]) => name.startsWith(SLOTS))
  return {
    epoch,
    sums: sumsOf(totals),
    metricValues: figures,
    factor,
    seconds,
    weights: taken('weights:', sizes),
    optimizer: {
      ...optimizer,
      slots: slots
        ? taken(SLOTS, slots)
        : new Map(ownSlots.map(([name, numbers]) => [name.slice(SLOTS.length), numbers])),
    },
    listenerStates: new Map(
      Object.entries(memories).map(([name, { values, kept }]): [string, ListenerState] => [
        name,
        { values, kept: kept && keptEpoch(kept, taken(keptPrefix(name), sizes)) },
      ]),
    ),
  }
}

/** Before the names of the slots of the optimizer. */
const SLOTS = 'slots:'

function keptEpoch({ epoch, figures }: SavedEpoch, weights: Weights): KeptEpoch {
  return { weights, epoch, metricValues: figures }
}

function keptPrefix(listener: string): string {
  return `kept:${listener}:`
}

/** Before the names of the outputs, whose losses stand beside the loss in total, which is `loss`. */
const OUTPUT_LOSS = 'loss:'

function sumsOf({ rows, steps, losses, metrics }: CheckpointState['totals']): MetricSums {
  const ofOutputs = [...losses].filter(([name]) => name.startsWith(OUTPUT_LOSS))
  return {
    rows,
    steps,
    loss: losses.get('loss') ?? 0,
    losses: new Map(ofOutputs.map(([name, loss]) => [name.slice(OUTPUT_LOSS.length), loss])),
    metrics: new Map(Object.entries(metrics).map(([name, sums]) => [name, Float64Array.from(sums)])),
  }
}

function under<T>(prefix: string, values: ReadonlyMap<string, T>): [string, T][] {
  return Array.from(values, ([name, value]) => [`${prefix}${name}`, value])
}
