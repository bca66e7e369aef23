import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { randomNormal, randomTruncatedNormal, randomUniform } from '../../random.ts'
import type { Stream } from '../../random.ts'
import { defineInitializer } from './initializer.ts'
import { mapFloat32 } from '../../float-arrays.ts'

type VarianceScaling = {
  scale: number
  mode: 'fan_in' | 'fan_out' | 'fan_avg'
  distribution: 'truncated_normal' | 'untruncated_normal' | 'uniform'
}

/** Keras symbol: keras.initializers.VarianceScaling. */
export const varianceScaling = defineInitializer({
  type: 'variance_scaling',
  summary: 'Random numbers whose variance is scale over the number of connections',
  options: () => ({
    scale: z.number().positive().default(1).describe('Factor of the variance'),
    mode: z.enum(['fan_in', 'fan_out', 'fan_avg']).default('fan_in').describe('Which connections count'),
    distribution: z
      .enum(['truncated_normal', 'untruncated_normal', 'uniform'])
      .default('truncated_normal')
      .describe('Distribution of the numbers'),
  }),
  initialize: scaled,
})

/** An initializer that is `variance_scaling` with fixed options, such as glorot_uniform. */
export function defineScaled(type: string, summary: string, scaling: VarianceScaling) {
  return defineInitializer({
    type,
    summary,
    options: () => ({}),
    initialize: (shape, source) => scaled(shape, source, scaling),
  })
}

function scaled(shape: Shape, source: Stream, { scale, mode, distribution }: VarianceScaling): Float32Array {
  const { fanIn, fanOut } = fans(shape)
  const connections = { fan_in: fanIn, fan_out: fanOut, fan_avg: (fanIn + fanOut) / 2 }[mode]
  const variance = scale / Math.max(1, connections)
  const length = sizeOf(shape)
  if (distribution === 'uniform') {
    const limit = Math.sqrt(3 * variance)
    return randomUniform(source, 0, length).map((x) => limit * (2 * x - 1))
  }
  // 0.8796 is the deviation of a standard normal cut at two deviations.
  return distribution === 'truncated_normal'
    ? mapFloat32(
        randomTruncatedNormal(source, 0, length),
        (x) => (x * Math.sqrt(variance)) / 0.87962566103423978,
      )
    : mapFloat32(randomNormal(source, 0, length), (x) => x * Math.sqrt(variance))
}

/** Keras symbol: keras.src.initializers.random_initializers.compute_fans. */
function fans(shape: Shape): { fanIn: number; fanOut: number } {
  if (shape.length <= 1) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 }
  const window = sizeOf(shape.slice(0, -2))
  return { fanIn: window * (shape.at(-2) ?? 1), fanOut: window * (shape.at(-1) ?? 1) }
}
