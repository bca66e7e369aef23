import * as z from 'zod'

/** The option `value_range`. */
export function valueRangeOption() {
  return z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'expected the smaller number first')
    .optional()
    .describe(
      'The least and the greatest value of a pixel as the model takes it, after data.features.scale. Default: [0, 255], or what the scale makes of it: [0, 1] for min_max and for {divide: 255}; standard and robust need it given',
    )
}

/** The pixels of images as they are stored most often. */
export const BYTES: readonly [number, number] = [0, 255]
