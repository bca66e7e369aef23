import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'

/** Least value that a metric should have. */
export type Minimum = { readonly metric: string; readonly value: number }

/** Reads `accuracy=0.9`. */
export function minimumOf(text: string): Minimum {
  const [, metric, number] = /^([^=]+)=\s*(\S+)$/.exec(text) ?? []
  const value = Number(number)
  if (metric === undefined || Number.isNaN(value)) {
    throw new UsageError(`--min needs a metric and a number, got "${text}"`, {
      hint: 'as in --min accuracy=0.9',
    })
  }
  return { metric, value }
}

/** The minimums that metric values do not reach, in words. */
export function missed(minimums: readonly Minimum[], values: Readonly<Record<string, number>>): string[] {
  return minimums.flatMap(({ metric, value }) => {
    const reached = values[metric]
    if (reached === undefined) {
      const names = Object.keys(values)
      const close = nearest(metric, names)
      throw new UsageError(`--min: there is no metric "${metric}"`, {
        hint: close === undefined ? `the metrics are ${names.join(', ')}` : `did you mean ${close}?`,
      })
    }
    return reached >= value ? [] : [`${metric} is ${reached}, less than the minimum of ${value}`]
  })
}
