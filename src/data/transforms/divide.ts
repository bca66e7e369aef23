import type { ScalingFit } from './scaling.ts'

/** A fixed divisor, as in 255 for the bytes of an image. */
export function divide(divisor: number): ScalingFit {
  return { add() {}, scaling: () => ({ subtract: 0, multiply: 1 / divisor }) }
}
