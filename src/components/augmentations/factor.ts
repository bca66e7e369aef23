import * as z from 'zod'

/** A number, or the two numbers between which one is drawn. */
export type Factor = number | readonly [number, number]

/** An option that is a number, or a pair of them, within bounds. */
export function factorOption(least: number, most: number, description: string) {
  const number = z.number().min(least).max(most)
  return z.union([number, z.tuple([number, number])]).describe(description)
}

/** The range of a factor, as in Keras: one number f is the range from -f, or from `least`, to f. */
export function rangeOf(factor: Factor, least = -Infinity): [number, number] {
  if (typeof factor !== 'number') return [Math.min(...factor), Math.max(...factor)]
  const size = Math.abs(factor)
  return [Math.max(-size, least), size]
}
