import * as z from 'zod'

/** The option `value_range`. */
export function valueRangeOption() {
  return z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'expected the smaller number first')
    .optional()
    .describe(
      'The least and the greatest value of a pixel as the model takes it, after data.features.scale. Default: [0, 255], or [0, 1] where that scale is min_max or {divide: ...}; with standard and robust it must be given',
    )
}

/** The pixels of images as they are stored most often. */
export const BYTES: readonly [number, number] = [0, 255]
