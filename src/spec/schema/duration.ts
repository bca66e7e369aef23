import * as z from 'zod'

const SECONDS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600 }

/** A time with its unit, as in `30 s`. */
export function duration() {
  return z.string().regex(/^\d+(\.\d+)? ?(s|min|h)$/, 'expected a time such as "30 s", "10 min" or "1.5 h"')
}

/** An interval of epochs, steps or time, or `auto`. */
export function cadence() {
  return z
    .string()
    .regex(
      /^(auto|[1-9]\d* ?(epochs?|steps?)|\d+(\.\d+)? ?(s|min|h))$/,
      'expected an interval such as "1 epoch", "500 steps" or "30 s"',
    )
}

/** A string of `duration` in seconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^([\d.]+) ?(\w+)$/.exec(text) ?? []
  return Number(number) * (SECONDS[unit ?? ''] ?? NaN)
}

export type Cadence =
  { readonly every: number; readonly unit: 'epochs' | 'steps' | 'seconds' } | { readonly unit: 'auto' }

/** The interval that a string of `cadence` means. */
export function parseCadence(text: string): Cadence {
  if (text === 'auto') return { unit: 'auto' }
  const [, number, unit] = /^(\d+) ?(epoch|step)/.exec(text) ?? []
  if (unit === undefined) return { every: parseDuration(text), unit: 'seconds' }
  return { every: Number(number), unit: unit === 'epoch' ? 'epochs' : 'steps' }
}
