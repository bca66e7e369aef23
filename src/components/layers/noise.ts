import * as z from 'zod'

import type { Shape, Value } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { mayEqual } from '../unknown-size.ts'
import type { ForwardContext } from './layer.ts'

type NoiseContext = Pick<ForwardContext, 'b' | 'uniform'>

/** Standard normal numbers: Box and Muller (1958). The uniform ones are below 1, so the logarithm is finite. */
export function normal({ b, uniform }: NoiseContext, shape: Shape): Value {
  const radius = b.sqrt(b.mul(b.log(b.sub(1, uniform('radius', shape))), -2))
  return b.mul(radius, b.cos(b.mul(uniform('angle', shape), 2 * Math.PI)))
}

/** 0 with probability `rate`, else 1. */
export function kept({ b, uniform }: NoiseContext, shape: Shape, rate: number): Value {
  return b.greaterEqual(uniform('dropout', shape), rate)
}

/** x with a share set to 0 and the rest scaled up; `shape` is that of the draws, which broadcast to x. */
export function drop(context: NoiseContext, x: Value, rate: number, shape: Shape): Value {
  const { b } = context
  if (rate === 1) return b.mul(x, 0)
  return b.mul(x, b.mul(kept(context, shape, rate), 1 / (1 - rate)))
}

/** The option `noise_shape`. */
export function noiseShapeOption() {
  return z
    .array(z.int().positive().nullable())
    .nullable()
    .default(null)
    .describe(
      'Shape of the random draws, the batch axis first: 1 where elements share one, null where each has its own',
    )
}

/** Throws where draws of this shape do not broadcast to the input. */
export function requireNoiseShape(noise: readonly (number | null)[] | null, input: Shape): void {
  if (noise === null) return
  const [batch, ...rest] = noise
  const fits =
    rest.length === input.length &&
    (batch === null || batch === 1) &&
    rest.every((length, i) => length === null || length === 1 || mayEqual(length, input[i]))
  if (fits) return
  const shown = noise.map((length) => length ?? 'null').join(', ')
  throw new ShapeError(`noise_shape [${shown}] does not broadcast to [batch, ${input.join(', ')}]`, {
    option: 'noise_shape',
    hint: `give ${input.length + 1} lengths, each 1 or null`,
  })
}

/** The shape of the draws for x. */
export function noiseShapeOf(noise: readonly (number | null)[] | null, x: Value): Shape {
  return x.shape.map((length, i) => noise?.[i] ?? length)
}
