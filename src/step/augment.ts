import { augmentations } from '../components/augmentations/index.ts'
import type { ComponentConfig } from '../registry.ts'
import type { Builder } from '../ir/builder.ts'
import type { Value } from '../ir/ir.ts'

/** The epoch (i32 []) and the numbers of the rows (i32 [batch]), which key the random numbers of each image. */
export type AugmentationKey = { readonly epoch: Value; readonly rows: Value }

/**
 * Images [batch, height, width, channels] after a list of augmentations, each of which draws from a stream of its own.
 * All the images of a row have the same draws, so that what they show changes together.
 */
export function augmentImages(
  b: Builder,
  images: Value,
  list: readonly ComponentConfig[],
  { epoch, rows }: AugmentationKey,
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
