import type { Shape } from '../ir/ir.ts'

/** A size that follows from data which has not been read: no rule holds it against a layer. */
export const UNKNOWN = NaN

export function isKnown(shape: Shape): boolean {
  return !shape.includes(UNKNOWN)
}

/** Tells that two sizes are equal, or may be. */
export function mayEqual(a: number | undefined, b: number | undefined): boolean {
  return a === b || Number.isNaN(a) || Number.isNaN(b)
}

/** The length of an axis of two inputs that are combined element by element; undefined where theirs do not broadcast. */
export function broadcastLength(a: number, b: number | undefined): number | undefined {
  if (a === 1) return b
  if (b === 1 || a === b || Number.isNaN(b)) return a
  return Number.isNaN(a) ? b : undefined
}
