import { pickRows } from '../../data/rows/picked-rows.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { totalOf } from '../../engine/engine.ts'
import type { MetricSums, Session } from '../../engine/engine.ts'
import { randomPermutation, randomUniform, stream } from '../../random.ts'
import { quantile } from '../../statistics.ts'
import type { Task } from '../../step/task.ts'
import { metricValuesOf } from '../metric-values.ts'

/** The bounds between which a metric value lies in 95 of 100 such sets of rows. */
export type Interval = { readonly low: number; readonly high: number }

const RESAMPLES = 1000
/** Maximum groups of rows that are drawn as one; fewer rows are drawn one by one. */
const GROUPS = 1000
const [LOW, HIGH] = [0.025, 0.975]

/**
 * Confidence intervals of metric values by the percentile bootstrap (Efron 1979): rows are drawn with replacement, and
 * each draw is measured. Every metric follows from sums over rows, so that rows are evaluated once. None of a single row.
 */
export async function intervalsOf(
  session: Pick<Session, 'evaluate' | 'unload'>,
  task: Pick<Task, 'outputs'>,
  encoded: EncodedRows,
  seed: number,
): Promise<Record<string, Interval>> {
  const groups = await groupSums(session, encoded, seed)
  if (groups.length < 2) return {}
  const drawn = new Map<string, number[]>()
  for (let i = 0; i < RESAMPLES; i++) {
    const draws = randomUniform(stream(seed, 'analysis/bootstrap'), i, groups.length)
    const sums = totalOf(Array.from(draws).flatMap((draw) => groups[Math.floor(draw * groups.length)] ?? []))
    for (const [name, value] of Object.entries(metricValuesOf(task, sums))) {
      const values = drawn.get(name)
      if (values) values.push(value)
      else drawn.set(name, [value])
    }
  }
  return Object.fromEntries(
    Array.from(drawn, ([name, values]) => {
      const ascending = Float64Array.from(values).sort()
      return [name, { low: quantile(ascending, LOW), high: quantile(ascending, HIGH) }]
    }),
  )
}

/** The sums of each row, or of groups of random rows where there are more rows than groups. */
async function groupSums(
  session: Pick<Session, 'evaluate' | 'unload'>,
  encoded: EncodedRows,
  seed: number,
): Promise<MetricSums[]> {
  const order = randomPermutation(stream(seed, 'analysis/groups'), 0, encoded.rows)
  const size = Math.ceil(encoded.rows / GROUPS)
  const groups: MetricSums[] = []
  for (let first = 0; first < order.length; first += size) {
    const group = pickRows(encoded, order.subarray(first, first + size))
    groups.push(await session.evaluate(group, group.rows))
    session.unload(group)
  }
  return groups
}
