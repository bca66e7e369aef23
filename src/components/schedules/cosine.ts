import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'

export function alphaOption() {
  return z.number().min(0).default(0).describe('Lowest rate, as a share of the highest')
}

/** Half a cosine wave: `top` at the share 0 of a decay, 0 at 1; squeezed between alpha and 1. */
export function cosineShare(b: Builder, share: Value, alpha: number, top: Value | number = 1): Value {
  const wave = b.mul(b.mul(b.add(b.cos(b.mul(share, Math.PI)), 1), 0.5), top)
  return b.add(b.mul(wave, 1 - alpha), alpha)
}
