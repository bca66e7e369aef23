import * as z from 'zod'

import { defineAugmentation, drawBetween } from './augmentation.ts'

/** Keras symbol: keras.layers.RandomFlip. */
export const randomFlip = defineAugmentation({
  type: 'random_flip',
  summary: 'Mirrors half of the images',
  options: () => ({
    mode: z
      .enum(['horizontal', 'vertical', 'horizontal_and_vertical'])
      .default('horizontal_and_vertical')
      .describe(
        'Flip left to right (horizontal), top to bottom (vertical), or both at once (horizontal_and_vertical)',
      ),
  }),
  apply(context, x, { mode }) {
    const { b } = context
    const across = mode === 'vertical' ? x : b.reverse(x, 2)
    const flipped = mode === 'horizontal' ? across : b.reverse(across, 1)
    return b.select(b.lessEqual(drawBetween(context, 'flip', x, [0, 1]), 0.5), flipped, x)
  },
})
