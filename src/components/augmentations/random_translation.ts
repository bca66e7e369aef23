import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { pixels, warp, warpOptions } from './warp.ts'

/** Keras symbol: keras.layers.RandomTranslation. */
export const randomTranslation = defineAugmentation({
  type: 'random_translation',
  summary: 'Shifts images',
  options: () => ({
    height_factor: factorOption(
      -1,
      1,
      'Maximum shift up or down, as a fraction of the height; or the range [lowest, highest], where positive is down',
    ),
    width_factor: factorOption(
      -1,
      1,
      'Maximum shift left or right, as a fraction of the width; or the range [lowest, highest], where positive is right',
    ),
    ...warpOptions(),
  }),
  apply(context, x, config) {
    const { b } = context
    const [, height = 0, width = 0] = x.shape
    const { row, column } = pixels(b, x)
    const down = b.mul(drawBetween(context, 'height', x, rangeOf(config.height_factor)), height)
    const right = b.mul(drawBetween(context, 'width', x, rangeOf(config.width_factor)), width)
    return warp(b, x, { row: b.sub(row, down), column: b.sub(column, right) }, config)
  },
})
