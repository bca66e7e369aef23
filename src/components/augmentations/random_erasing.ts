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
  summary: 'Covers a rectangle of an image, as cutout does',
  options: () => ({
    factor: factorOption(
      0,
      1,
      'The chance that an image is changed is drawn between 0 and this number; or the range [lowest, highest]: [1, 1] changes every image',
    ).default(1),
    scale: factorOption(
      0,
      1,
      'The share of the image that the rectangle covers, of which each side is the square root of a number drawn from the range [lowest, highest]',
    ).default([0.02, 0.33]),
    fill_value: z
      .number()
      .nullable()
      .default(null)
      .describe(
        'The value of covered pixels, as the model takes it; null: normal noise whose deviation is the greater number of value_range',
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
