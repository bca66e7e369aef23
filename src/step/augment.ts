import { augmentations } from '../components/augmentations/index.ts'
import type { ComponentConfig } from '../registry.ts'
import type { Builder } from '../ir/builder.ts'
import type { Value } from '../ir/ir.ts'

/** What tells the random numbers of an image from those of others: the epoch (i32 []) and the rows' numbers (i32 [batch]). */
export type Moment = { readonly epoch: Value; readonly rows: Value }

/**
 * Images [batch, height, width, channels] after a list of augmentations, each of which draws from a stream of its own.
 * All the images of a row have the same draws, so that what they show changes together.
 */
export function augmentImages(
  b: Builder,
  images: Value,
  list: readonly ComponentConfig[],
  { epoch, rows }: Moment,
): Value {
  return list.reduce(
    (x, config, i) =>
      augmentations.of(config).apply(
        {
          b,
          uniform: (purpose, shape) => b.random(`${purpose}/augment/${i}`, epoch, shape, rows),
        },
        x,
        config,
      ),
    images,
  )
}
