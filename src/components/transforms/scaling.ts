import * as z from 'zod'

/** Schema of a saved scaling. */
export const savedScaling = () => z.strictObject({ subtract: z.number(), multiply: z.number() })

/** The factor that makes `spread` one; a constant column, which has none, is only shifted to zero. */
export function inverse(spread: number): number {
  return spread > 0 && Number.isFinite(1 / spread) ? 1 / spread : 1
}
