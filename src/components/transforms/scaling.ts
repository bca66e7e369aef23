import * as z from 'zod'

/** Schema of a saved scaling. */
export const savedScaling = () => z.strictObject({ subtract: z.number(), multiply: z.number() })

/** Smaller spreads count as none: divided by them, numbers of an ordinary size would be infinite. */
const SMALLEST_SPREAD = 1e-300

/** The factor that makes `spread` one; a constant column, which has none, is only shifted to zero. */
export function inverse(spread: number): number {
  return spread >= SMALLEST_SPREAD ? 1 / spread : 1
}
