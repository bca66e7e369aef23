import * as z from 'zod'

import type { Value } from '../../ir/ir.ts'
import { normal } from '../layers/noise.ts'
import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { BYTES, valueRangeOption } from './value_range.ts'
import { pixels } from './warp.ts'

/** Keras symbol: keras.layers.RandomErasing. Zhong et al., "Random erasing data augmentation" (AAAI 2020). */
export const randomErasing = defineAugmentation({
  type: 'random_erasing',
  aliases: ['cutout'],
  summary: 'Covers a random rectangle of an image (cutout)',
  options: () => ({
    factor: factorOption(
      0,
      1,
      'Maximum probability that an image is changed, which is drawn between 0 and this number; or the range [lowest, highest]: [1, 1] changes every image',
    ).default(1),
    scale: factorOption(
      0,
      1,
      'Fraction of the image that the rectangle covers: for each side a number is drawn from the range [lowest, highest], and its square root is the fraction of the image side',
    ).default([0.02, 0.33]),
    fill_value: z
      .number()
      .nullable()
      .default(null)
      .describe(
        'Value of covered pixels, as the model sees it; null: normal noise with the larger number of value_range as its standard deviation',
      ),
    value_range: valueRangeOption(),
  }),
  apply(context, x, { factor, scale, fill_value: value, value_range: [low, high] = BYTES }) {
    const { b } = context
    const [, height = 0, width = 0] = x.shape
    const { row, column } = pixels(b, x)
    const draw = (purpose: string, range: readonly [number, number]): Value =>
      drawBetween(context, purpose, x, range)
    const within = (at: Value, length: number, axis: string): Value => {
      const size = b.mul(b.sqrt(draw(`${axis} size`, rangeOf(scale, 0))), length)
      const start = b.mul(draw(`${axis} start`, [0, 1]), b.sub(length, size))
      return b.mul(b.lessEqual(start, at), b.less(at, b.add(start, size)))
    }
    const erased = b.less(draw('erase', [0, 1]), draw('chance', rangeOf(factor, 0)))
    const covered = b.mul(b.mul(within(column, width, 'width'), within(row, height, 'height')), erased)
    const filling = value === null ? b.mul(normal(context, x.shape), high) : b.constant(value)
    return b.select(covered, b.clip(filling, low, high), x)
  },
})
