import { defineAugmentation, drawBetween } from './augmentation.ts'
import { factorOption, rangeOf } from './factor.ts'
import { pixels, warp, warpOptions } from './warp.ts'

/** Keras symbol: keras.layers.RandomRotation. */
export const randomRotation = defineAugmentation({
  type: 'random_rotation',
  summary: 'Rotates images around their center',
  options: () => ({
    factor: factorOption(
      -1,
      1,
      'Maximum rotation in either direction, as a fraction of a full turn; or the range [lowest, highest], where positive is counterclockwise',
    ),
    ...warpOptions(),
  }),
  apply(context, x, config) {
    const { b } = context
    const [, height = 0, width = 0] = x.shape
    const { row, column } = pixels(b, x)
    const angle = b.mul(drawBetween(context, 'angle', x, rangeOf(config.factor, -1)), 2 * Math.PI)
    const [cos, sin] = [b.cos(angle), b.sin(angle)]
    const [down, right] = [b.sub(row, (height - 1) / 2), b.sub(column, (width - 1) / 2)]
    const from = {
      row: b.add(b.add(b.mul(right, sin), b.mul(down, cos)), (height - 1) / 2),
      column: b.add(b.sub(b.mul(right, cos), b.mul(down, sin)), (width - 1) / 2),
    }
    return warp(b, x, from, config)
  },
})
