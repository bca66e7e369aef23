import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { pixels, warp, warpOptions } from './warp.ts'

/** Keras symbol: keras.layers.RandomZoom. */
export const randomZoom = defineAugmentation({
  type: 'random_zoom',
  summary: 'Makes images smaller or larger around their centre',
  options: () => ({
    height_factor: factorOption(
      -0.99,
      1,
      'How much more of the height is shown at most, as a share of it (zooming out), and as much less (zooming in); or the range [lowest, highest], where numbers below 0 zoom in',
    ),
    width_factor: factorOption(
      -0.99,
      1,
      'The same for the width; default: what is drawn for the height, so that shapes keep their proportions',
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
    const place = {
      row: b.add(b.mul(row, tall), b.mul(b.sub(1, tall), (height - 1) / 2)),
      column: b.add(b.mul(column, wide), b.mul(b.sub(1, wide), (width - 1) / 2)),
    }
    return warp(b, x, place, config)
  },
})
