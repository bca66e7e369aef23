import * as z from 'zod'

import { RunError } from '../errors.ts'
import type { Kept, Memory, Snapshot } from '../train/snapshot.ts'
import { checkpointFiles, readCheckpointFiles } from './checkpoint-files.ts'
import { Exact, ExactMap, exact, exactRecord } from './exact.ts'
import type { Contents } from './files.ts'

/** What a checkpoint must have been made of to be used. */
export type Origin = {
  /** The id of the run. */
  readonly run: string
  /** How many numbers each parameter has, by its id. */
  readonly sizes: ReadonlyMap<string, number>
  /** The same for the slots of the optimizer, by `parameter id/slot`. */
  readonly slots: ReadonlyMap<string, number>
}

const Figures = z.record(z.string(), Exact)
const State = z.strictObject({
  run: z.string(),
  epoch: z.int().min(0),
  totals: z.strictObject({
    rows: z.int().min(0),
    steps: z.int().min(0),
    losses: ExactMap,
    metrics: z.record(z.string(), z.array(Exact)),
  }),
  figures: Figures,
  factor: Exact,
  seconds: z.number().min(0),
  optimizer: z.strictObject({ iterations: z.int().min(0), state: ExactMap }),
  memories: z.record(
    z.string(),
    z.strictObject({
      values: z.record(z.string(), z.union([z.null(), Exact])),
      kept: z.strictObject({ epoch: z.int().min(0), figures: Figures }).optional(),
    }),
  ),
})
type State = z.output<typeof State>

/** A snapshot as the files of a checkpoint. */
export function encodeCheckpoint(run: string, snapshot: Snapshot): Promise<Map<string, Contents>> {
  const { epoch, totals, figures, factor, seconds, optimizer, memories } = snapshot
  const state: z.input<typeof State> = {
    run,
    epoch,
    totals: {
      rows: totals.rows,
      steps: totals.steps,
      losses: exactRecord(totals.losses),
      metrics: Object.fromEntries(
        Array.from(totals.metrics, ([name, sums]) => [name, Array.from(sums, (sum) => exact(sum))]),
      ),
    },
    figures: exactRecord(Object.entries(figures)),
    factor: exact(factor),
    seconds,
    optimizer: { iterations: optimizer.iterations, state: exactRecord(optimizer.state) },
    memories: Object.fromEntries(
      Array.from(memories, ([name, { values, kept }]) => [
        name,
        {
          values: Object.fromEntries(
            Object.entries(values).map(([key, value]) => [key, value === null ? null : exact(value)]),
          ),
          ...(kept && { kept: { epoch: kept.epoch, figures: exactRecord(Object.entries(kept.figures)) } }),
        },
      ]),
    ),
  }
  const arrays = new Map([
    ...under('weights:', snapshot.weights),
    ...under('slots:', optimizer.slots),
    ...[...memories].flatMap(([name, { kept }]) => (kept ? under(keptPrefix(name), kept.weights) : [])),
  ])
  return checkpointFiles(state, arrays)
}

/** Reads a checkpoint of a run, or throws a RunError that says which file is wrong. */
export async function readCheckpoint(folder: string, { run, sizes, slots }: Origin): Promise<Snapshot> {
  const { state, arrays } = await readCheckpointFiles(folder, (data, layout): State => {
    const parsed = State.safeParse(data)
    if (!parsed.success) throw new RunError(`${folder}: its state is damaged`)
    if (parsed.data.run !== run) throw new RunError(`${folder} belongs to another run`)
    for (const [name, length] of layout) {
      const slot = /^slots:(.*)$/.exec(name)?.[1]
      const parameter = /^(?:weights:|kept:.*?:)(.*)$/.exec(name)?.[1]
      if ((slot === undefined ? sizes.get(parameter ?? '') : slots.get(slot)) === length) continue
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
  const metrics = Object.entries(totals.metrics).map(
    ([name, sums]) => [name, Float64Array.from(sums)] as const,
  )
  return {
    epoch,
    totals: { ...totals, metrics: new Map(metrics) },
    figures,
    factor,
    seconds,
    weights: taken('weights:', sizes),
    optimizer: { ...optimizer, slots: taken('slots:', slots) },
    memories: new Map(
      Object.entries(memories).map(([name, { values, kept }]): [string, Memory] => [
        name,
        { values, kept: kept && ({ ...kept, weights: taken(keptPrefix(name), sizes) } satisfies Kept) },
      ]),
    ),
  }
}

function keptPrefix(listener: string): string {
  return `kept:${listener}:`
}

function under(prefix: string, arrays: ReadonlyMap<string, Float32Array>): [string, Float32Array][] {
  return Array.from(arrays, ([name, numbers]) => [`${prefix}${name}`, numbers])
}
