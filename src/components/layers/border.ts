import * as z from 'zod'

import type { Padding } from '../../ir/ir.ts'

/**
 * An option for the width of the border of images: one number, [height, width] or [[top, bottom], [left, right]],
 * always the last once validated.
 */
export function borderOption() {
  const length = z.int().nonnegative()
  const pair = z.tuple([length, length])
  return z.union([
    length.transform((all): Padding => [
      [all, all],
      [all, all],
    ]),
    pair.transform(([height, width]): Padding => [
      [height, height],
      [width, width],
    ]),
    z.tuple([pair, pair]).transform((border): Padding => border),
  ])
}
