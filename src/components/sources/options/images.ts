import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import { arrayKeys } from './arrays.ts'
import { filesOrFractions } from './files.ts'
import { Memory } from './memory.ts'

const Folder = z.string().min(1)
const Side = z.int().min(1).max(4096)

export const Images = withRules(
  z.strictObject({
    type: z.literal('images').describe('PNG and JPEG files in folders, one folder for each class'),
    path: z
      .union([
        Folder,
        z.strictObject({
          train: Folder.describe('The folder of the training images'),
          validation: Folder.optional().describe('The folder of the validation images'),
          test: Folder.optional().describe('The folder of the test images'),
        }),
      ])
      .describe(
        "The folder that holds the folders of the classes, or a map of train, validation and test to such folders. A relative path starts from the config's folder",
      ),
    image_size: z
      .tuple([Side, Side])
      .default([256, 256])
      .describe('Height and width in pixels, to which every image is resized (bilinear)'),
    color_mode: z.enum(['rgb', 'grayscale']).default('rgb').describe('Three channels a pixel, or one'),
    memory: Memory,
    ...arrayKeys,
  }),
  filesOrFractions,
)
export type ImagesSpec = z.infer<typeof Images>

/** A row's shape. */
export function imageShape({
  image_size: [height, width],
  color_mode,
}: ImagesSpec): [number, number, number] {
  return [height, width, color_mode === 'grayscale' ? 1 : 3]
}
