import * as z from 'zod'

import { isBetter } from '../components/callbacks/improvement.ts'
import type { Directions } from '../components/callbacks/improvement.ts'
import { directionsOf } from '../spec/schema/per-output.ts'
import type { CatalogEntry, RunState } from './catalog.ts'
import { rankingMetric } from './epoch-log.ts'
import type { RunHistory } from './history.ts'
import type { RunRecord } from './record.ts'
import { isJudged, specDifferences } from './spec-changes.ts'

/** A run and how far it came. */
export type RunOverview = {
  /** The absolute path of its folder. */
  readonly run: string
  readonly state: RunState
  readonly epochs: { readonly done: number; readonly wanted?: number }
  /** The best epoch, from 1, by the metric that its checkpoints follow, else by val_loss, else by loss. */
  readonly best?: {
    readonly metric: string
    readonly value: number
    readonly epoch: number
    readonly better: 'higher' | 'lower'
  }
  readonly seconds?: number
  readonly started: string
  readonly engine: string
  readonly metrics?: NonNullable<RunRecord['metrics']>
  readonly test?: NonNullable<RunRecord['test']>
  /** Values of the keys in which the runs that are listed with it differ. */
  readonly differing: Readonly<Record<string, unknown>>
}

const Metrics = z.array(z.looseObject({ type: z.string() }))
const OutputMetrics = z.union([Metrics, z.record(z.string(), Metrics)])

/** Parts of a spec that an overview needs. */
export const OverviewSpec = z.object({
  model: z.object({ outputs: z.union([z.string(), z.array(z.string())]).default('') }),
  compile: z.object({ metrics: OutputMetrics, weighted_metrics: OutputMetrics }),
  fit: z.object({ epochs: z.int() }),
  checkpoint: z.object({ monitor: z.string(), mode: z.enum(['auto', 'min', 'max']) }),
})

/** The overviews of runs that are listed together. */
export function overviewsOf(entries: readonly CatalogEntry[]): RunOverview[] {
  const differences = specDifferences(entries.map(({ spec }) => spec)).filter(
    ({ path }) => !isJudged(path) || new Set(entries.map(({ record }) => effectOf(path, record))).size > 1,
  )
  return entries.map((entry, i) => ({
    ...overviewOf(entry),
    differing: Object.fromEntries(differences.map(({ path, values }) => [path, values[i]])),
  }))
}

/** The effect of a key that is judged by it: the rows, wherever their file is, or what computed. */
function effectOf(path: string, { data, engine, arithmetic }: RunRecord): string {
  return path.startsWith('data.') ? data.sha256 : `${engine} ${arithmetic}`
}

/** The direction of every metric of a run. */
export function directionsIn(spec: z.output<typeof OverviewSpec> | undefined): Directions {
  return spec ? directionsOf(spec.compile, [spec.model.outputs].flat()) : new Map()
}

/** The overview of a run by itself. */
export function overviewOf({
  folder,
  record,
  state,
  history,
  spec,
}: CatalogEntry): Omit<RunOverview, 'differing'> {
  const read = OverviewSpec.safeParse(spec).data
  const best = bestOf(history, read)
  return {
    run: folder,
    state,
    epochs: { done: history.last, ...(read && { wanted: read.fit.epochs }) },
    ...(best && { best }),
    ...(record.seconds !== undefined && { seconds: record.seconds }),
    started: record.started,
    engine: record.engine,
    ...(record.metrics && { metrics: record.metrics }),
    ...(record.test && { test: record.test }),
  }
}

function bestOf(
  { names, epochs }: RunHistory,
  spec: z.output<typeof OverviewSpec> | undefined,
): RunOverview['best'] {
  const checkpoint = spec?.checkpoint
  const metric = rankingMetric(names, checkpoint?.monitor)
  if (metric === undefined) return undefined
  const mode = metric === checkpoint?.monitor ? checkpoint.mode : 'auto'
  const isMore = isBetter({ monitor: metric, mode }, directionsIn(spec))
  const better = isMore(1, 0) ? 'higher' : 'lower'
  const column = names.indexOf(metric)
  let best: RunOverview['best']
  for (const [epoch, values] of epochs) {
    const value = Number(values[column])
    if (isMore(value, best?.value)) best = { metric, value, epoch, better }
  }
  return best
}
