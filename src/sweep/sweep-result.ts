import { importances } from './importance.ts'
import type { OpenSweep } from './open-sweep.ts'
import { spreadOf } from './spread.ts'
import { lossOf } from './train-turn.ts'
import type { SeedResult, TurnResult } from './turn-result.ts'

/** The result of a trial, by its last turn. */
export type TrialOutcome = {
  /** From 1. */
  readonly trial: number
  readonly state: 'completed' | 'stopped' | 'failed'
  /** Value of the metric, the mean over the seeds; undefined where the trial failed. */
  readonly value?: number
  /** Sample deviation over the seeds, where there are several. */
  readonly deviation?: number
  readonly epochs: number
  readonly error?: string
  readonly set: TurnResult['set']
  readonly runs: readonly SeedResult[]
}

/** The outcome of a sweep. */
export type SweepOutcome = {
  readonly name: string
  /** The absolute path of its folder. */
  readonly sweep: string
  readonly metric: OpenSweep['metric']
  /** The path of the config of the best trial. */
  readonly bestConfig?: string
  readonly best?: TrialOutcome
  /** By number. */
  readonly trials: readonly TrialOutcome[]
  /** Share of the variance that each parameter explains; null where too few trials tell. */
  readonly importance: Readonly<Record<string, number | null>>
}

export function outcomeOf(open: OpenSweep, results: readonly TurnResult[]): SweepOutcome {
  const { folder, record, metric, parameters } = open
  const last = [...new Map(results.map((result) => [result.trial, result])).values()]
  const trials = last.map(trialOutcome).toSorted((a, b) => a.trial - b.trial)
  const [best] = ranked(open, trials)
  // Losses after the same epochs are comparable: those of the lowest rung, where there are rungs.
  const lowest = Math.min(...results.map(({ rung }) => rung))
  const scored = results.flatMap(({ point, loss, rung }) =>
    loss === null || rung > lowest ? [] : [{ point, loss }],
  )
  const shares = importances(
    parameters.map(({ dimension }) => dimension),
    scored,
  )
  return {
    name: record.name,
    sweep: folder,
    metric,
    ...(best?.value !== undefined && { best }),
    trials,
    importance: Object.fromEntries(parameters.map(({ name }, i) => [name, shares[i] ?? null])),
  }
}

/** Trials from the best to the worst; those that failed come last, equal ones by number. */
export function ranked(open: Pick<OpenSweep, 'metric'>, trials: readonly TrialOutcome[]): TrialOutcome[] {
  const loss = ({ value }: TrialOutcome): number => (value === undefined ? Infinity : lossOf(open, value))
  return trials.toSorted((a, b) => {
    const [first, second] = [loss(a), loss(b)]
    return first === second ? a.trial - b.trial : first - second
  })
}

function trialOutcome({ trial, epochs, set, loss, error, seeds }: TurnResult): TrialOutcome {
  const { mean, deviation } = spreadOf(seeds.map(({ value }) => value ?? NaN))
  const done = Math.max(0, ...seeds.map((seed) => seed.epochs))
  const isStopped = epochs !== undefined || seeds.some(({ stopped }) => stopped.startsWith('early_terminate'))
  return {
    trial,
    state: loss === null ? 'failed' : isStopped ? 'stopped' : 'completed',
    ...(loss !== null && { value: mean }),
    ...(loss !== null && seeds.length > 1 && { deviation }),
    epochs: done,
    ...(error !== undefined && { error }),
    set,
    runs: seeds,
  }
}
