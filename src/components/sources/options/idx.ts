import * as z from 'zod'

import { arrayKeys } from './arrays.ts'
import { Memory } from './memory.ts'
import { rule } from './rule.ts'

export const Idx = z
  .strictObject({
    type: z.literal('idx').describe('Images and labels in the IDX format of MNIST, plain or .gz'),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, for the test split, the t10k files',
      ),
    images: z.string().min(1).optional().describe('The file of images, instead of folder'),
    labels: z.string().min(1).optional().describe('The file of labels, instead of folder'),
    memory: Memory,
    ...arrayKeys,
  })
  .superRefine((spec, context) => {
    const files = spec.images !== undefined && spec.labels !== undefined
    const some = spec.images !== undefined || spec.labels !== undefined
    if (spec.folder === undefined ? files : !some) return
    context.addIssue({
      code: 'custom',
      path: [],
      params: { ...rule, code: 'idx-files', about: ['folder', 'images', 'labels'] },
      message: 'give either folder, or both images and labels',
    })
  })
export type IdxSpec = z.infer<typeof Idx>
