import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { BYTES, valueRangeOption } from './value_range.ts'

/** Keras symbol: keras.layers.RandomBrightness. */
export const randomBrightness = defineAugmentation({
  type: 'random_brightness',
  summary: 'Adds a number to all pixels of an image and clips them to value_range',
  options: () => ({
    factor: factorOption(
      -1,
      1,
      'Maximum change in either direction, as a fraction of value_range; or the range [lowest, highest]',
    ),
    value_range: valueRangeOption(),
  }),
  apply(context, x, { factor, value_range: [low, high] = BYTES }) {
    const { b } = context
    const change = b.mul(drawBetween(context, 'brightness', x, rangeOf(factor, -1)), high - low)
    return b.clip(b.add(x, change), low, high)
  },
})
