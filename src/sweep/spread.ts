import type { MetricValues } from '../components/metrics/metric.ts'

/** Mean of some values and their deviation as a sample, divided by their number - 1. */
export type Spread = { readonly mean: number; readonly deviation: number }

/** The spread of every metric over several trainings. */
export function spreadOf(trainings: readonly MetricValues[]): Record<string, Spread> {
  const names = Object.keys(trainings[0] ?? {})
  return Object.fromEntries(
    names.map((name) => {
      const values = trainings.map((metricValues) => metricValues[name] ?? NaN)
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length
      const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
      return [name, { mean, deviation: Math.sqrt(squares / (values.length - 1)) }]
    }),
  )
}
