import * as z from 'zod'

/** A fitted scaling: a number x becomes (x - subtract) * multiply. */
export const Scaling = () => z.strictObject({ subtract: z.number(), multiply: z.number() })
export type Scaling = z.infer<ReturnType<typeof Scaling>>

export function applyScaling(scaling: Scaling | undefined, value: number): number {
  return scaling ? (value - scaling.subtract) * scaling.multiply : value
}

export function undoScaling(scaling: Scaling | undefined, value: number): number {
  return scaling ? value / scaling.multiply + scaling.subtract : value
}

/** The factor that makes `spread` one; a constant column, which has none, is only shifted to zero. */
export function inverse(spread: number): number {
  return spread > 0 && Number.isFinite(1 / spread) ? 1 / spread : 1
}
