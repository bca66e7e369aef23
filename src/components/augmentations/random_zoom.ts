import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { pixels, warp, warpOptions } from './warp.ts'

/** Keras symbol: keras.layers.RandomZoom. */
export const randomZoom = defineAugmentation({
  type: 'random_zoom',
  summary: 'Scales images around their center',
  options: () => ({
    height_factor: factorOption(
      -0.99,
      1,
      'Maximum zoom out or in, as a fraction of the height that is shown more or less; or the range [lowest, highest], where negative zooms in',
    ),
    width_factor: factorOption(
      -0.99,
      1,
      'The same for the width. Default: the number drawn for the height, so that shapes keep their proportions',
    )
      .nullable()
      .default(null),
    ...warpOptions(),
  }),
  apply(context, x, config) {
    const { b } = context
    const [, height = 0, width = 0] = x.shape
    const { height_factor: heightFactor, width_factor: widthFactor } = config
    const { row, column } = pixels(b, x)
    const tall = b.add(drawBetween(context, 'height', x, rangeOf(heightFactor)), 1)
    const wide =
      widthFactor === null ? tall : b.add(drawBetween(context, 'width', x, rangeOf(widthFactor)), 1)
    const from = {
      row: b.add(b.mul(row, tall), b.mul(b.sub(1, tall), (height - 1) / 2)),
      column: b.add(b.mul(column, wide), b.mul(b.sub(1, wide), (width - 1) / 2)),
    }
    return warp(b, x, from, config)
  },
})
