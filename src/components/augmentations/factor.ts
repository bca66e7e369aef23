import * as z from 'zod'

/** A number, or the two numbers between which it is drawn. */
export type Factor = number | readonly [number, number]

/** An option that is a number or two of them, within bounds that the description tells. */
export function factorOption(least: number, most: number, description: string) {
  const number = z.number().min(least).max(most)
  return z.union([number, z.tuple([number, number])]).describe(description)
}

/** The range that a factor stands for, as in Keras: one number f is the range from -f, or from `least`, to f. */
export function rangeOf(factor: Factor, least = -Infinity): [number, number] {
  if (typeof factor !== 'number') return [Math.min(...factor), Math.max(...factor)]
  const size = Math.abs(factor)
  return [Math.max(-size, least), size]
}
