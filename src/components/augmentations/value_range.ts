import * as z from 'zod'

/** The option `value_range`. */
export function valueRangeOption() {
  return z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, 'expected the smaller number first')
    .optional()
    .describe(
      'Smallest and largest value of a pixel as the model sees it, after data.features.scale. Default: [0, 255], or [0, 1] if that scale is min_max or {divide: ...}; required with standard and robust',
    )
}

/** The range of pixels that are bytes. */
export const BYTES: readonly [number, number] = [0, 255]
