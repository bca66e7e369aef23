import type { MetricValues } from '../components/metrics/metric.ts'
import { mean, squaredDistances } from '../statistics.ts'

/** Mean of some values and their deviation as a sample, divided by their number - 1. */
export type Spread = { readonly mean: number; readonly deviation: number }

export function spreadOf(values: readonly number[]): Spread {
  const deviation = Math.sqrt(squaredDistances(values) / (values.length - 1))
  return { mean: mean(values), deviation }
}

/** The spread of every metric over several trainings. */
export function spreadsOf(trainings: readonly MetricValues[]): Record<string, Spread> {
  const names = Object.keys(trainings[0] ?? {})
  return Object.fromEntries(
    names.map((name) => [name, spreadOf(trainings.map((metricValues) => metricValues[name] ?? NaN))]),
  )
}
