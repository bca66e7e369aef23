import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { BYTES, valueRangeOption } from './value_range.ts'

/** Keras symbol: keras.layers.RandomBrightness. */
export const randomBrightness = defineAugmentation({
  type: 'random_brightness',
  summary: 'Adds a number to all pixels of an image and keeps them within value_range',
  options: () => ({
    factor: factorOption(
      -1,
      1,
      'The most that is added or subtracted, as a share of value_range; or the range [lowest, highest]',
    ),
    value_range: valueRangeOption(),
  }),
  apply(context, x, { factor, value_range: [low, high] = BYTES }) {
    const { b } = context
    const change = b.mul(drawBetween(context, 'brightness', x, rangeOf(factor, -1)), high - low)
    return b.clip(b.add(x, change), low, high)
  },
})
