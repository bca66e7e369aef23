import { relative } from 'node:path'

import type { LossCurve } from '../components/pruners/pruner.ts'
import { pruners } from '../components/pruners/index.ts'
import type { SearchPoint } from '../components/samplers/dimension.ts'
import type { Observation } from '../components/samplers/sampler.ts'
import { ConfigError } from '../diagnostic.ts'
import { DataError, DivergedError } from '../errors.ts'
import type { RunEnvironment } from '../experiment/environment.ts'
import type { TrainedRun } from '../experiment/train-run.ts'
import { readHistory } from '../run/history.ts'
import { needsCurves } from './open-sweep.ts'
import type { OpenSweep } from './open-sweep.ts'
import { pause } from './pause.ts'
import type { Turn } from './turn-order.ts'
import { assignmentsOf, overridesOf } from './space.ts'
import { trialFolder } from './sweep-folder.ts'
import { trainInFolder } from './train-in-folder.ts'
import type { TrainInFolderOptions } from './train-in-folder.ts'
import type { SeedResult, TurnResult } from './turn-result.ts'

/** Trains a trial for a turn, by the results that the turn depends on; undefined where the signal ended it. */
export async function trainTurn(
  open: OpenSweep,
  turn: Turn,
  earlier: readonly TurnResult[],
  options: TrainInFolderOptions,
  environment: RunEnvironment,
): Promise<TurnResult | undefined> {
  const { folder, sweep, experiment, parameters } = open
  const point = pointOf(open, turn, earlier)
  const set = assignmentsOf(parameters, point)
  const { trial, rung, epochs } = turn
  const begun = { turn: turn.turn, trial, rung, ...(epochs !== undefined && { epochs }), point, set }
  const seeds: SeedResult[] = []
  const curves: LossCurve[] = []
  for (let i = 0; i < sweep.seeds; i++) {
    const seed = experiment.spec.seed + i
    const run = trialFolder(folder, trial, sweep.seeds === 1 ? undefined : seed)
    const overrides = [...overridesOf(set), ...(sweep.seeds === 1 ? [] : [`seed=${seed}`])]
    try {
      const trained = await trainOne(open, turn, { run, overrides }, earlier, options, environment)
      if (trained.stopped === 'interrupted') return undefined
      seeds.push(seedResult(open, run, seed, trained))
      if (needsCurves(open)) curves.push(await curveOf(open, run))
    } catch (error) {
      if (!isFailure(error)) throw error
      return { ...begun, loss: null, error: firstLine(error), seeds }
    }
  }
  const mean = seeds.reduce((sum, { value }) => sum + (value ?? NaN), 0) / seeds.length
  if (Number.isNaN(mean)) return { ...begun, loss: null, error: `${open.metric.name} is not a number`, seeds }
  return {
    ...begun,
    loss: lossOf(open, mean),
    seeds,
    ...(needsCurves(open) && { curve: [...meanCurve(curves)] }),
  }
}

/** The values of a new trial, or those that it was begun with. */
function pointOf(
  { sampler, parameters, experiment }: OpenSweep,
  turn: Turn,
  earlier: readonly TurnResult[],
): SearchPoint {
  const before = earlier.findLast(({ trial }) => trial === turn.trial)
  if (before !== undefined) return before.point
  return sampler.component.point(sampler.config, {
    space: parameters.map(({ dimension }) => dimension),
    seed: experiment.spec.seed,
    trial: turn.trial - 1,
    earlier: observationsOf(earlier),
  })
}

/** The last result of each trial, in the order of the trials. */
function observationsOf(results: readonly TurnResult[]): Observation[] {
  const last = new Map(results.map((result) => [result.trial, result]))
  return [...last]
    .toSorted(([a], [b]) => a - b)
    .map(([, { point, loss, rung }]) => ({ point, loss: loss ?? Infinity, rung }))
}

/** A run of a trial, and its overrides of the config. */
type TurnRun = { readonly run: string; readonly overrides: readonly string[] }

function trainOne(
  open: OpenSweep,
  { epochs }: Turn,
  { run, overrides }: TurnRun,
  earlier: readonly TurnResult[],
  options: TrainInFolderOptions,
  environment: RunEnvironment,
): Promise<TrainedRun> {
  const { record, experiment } = open
  const listener = pause({
    epochs,
    metric: open.metric.name,
    lossOf: (value) => lossOf(open, value),
    limit: limitOf(open, earlier),
  })
  return trainInFolder(
    { run, set: overrides },
    {
      document: experiment.document,
      dataFolder: record.data_folder,
      datasetsFolder: record.datasets_folder,
    },
    { ...options, listeners: [...options.listeners, listener] },
    environment,
  )
}

/** The loss that the pruner allows after an epoch. */
function limitOf(open: OpenSweep, earlier: readonly TurnResult[]): (epoch: number) => number | undefined {
  const { early_terminate: config } = open.sweep
  const pruner = config && pruners.of(config)
  const curves = earlier.map(({ curve = [] }) => new Map(curve))
  return (epoch) => config && pruner?.limit?.(config, epoch, curves)
}

function seedResult(
  { folder, metric }: OpenSweep,
  run: string,
  seed: number,
  { metrics, epochs, stopped, weightsSha256 }: TrainedRun,
): SeedResult {
  return {
    seed,
    run: relative(folder, run),
    value: metrics[metric.name] ?? NaN,
    epochs,
    stopped,
    weights_sha256: weightsSha256,
  }
}

async function curveOf(open: OpenSweep, run: string): Promise<LossCurve> {
  const { names, epochs } = await readHistory(run)
  const column = names.indexOf(open.metric.name)
  return new Map(Array.from(epochs, ([epoch, values]) => [epoch, lossOf(open, Number(values[column]))]))
}

/** The means over runs, for the epochs that all of them have. */
function meanCurve(curves: readonly LossCurve[]): LossCurve {
  const epochs = [...(curves[0]?.keys() ?? [])].filter((epoch) => curves.every((curve) => curve.has(epoch)))
  return new Map(
    epochs.map((epoch) => [
      epoch,
      curves.reduce((sum, curve) => sum + (curve.get(epoch) ?? NaN), 0) / curves.length,
    ]),
  )
}

/** A value of the metric as a loss, of which lower is better; 0 stays 0. */
export function lossOf({ metric }: Pick<OpenSweep, 'metric'>, value: number): number {
  return metric.goal === 'minimize' ? value : 0 - value
}

/** Tells what is wrong with one trial from what would end every one: a bug, or a disk without room. */
function isFailure(error: unknown): error is Error {
  return (
    error instanceof DivergedError ||
    error instanceof ConfigError ||
    error instanceof DataError ||
    // Memory that cannot be had.
    error instanceof RangeError
  )
}

function firstLine({ message }: Error): string {
  return message.split('\n')[0] ?? ''
}
