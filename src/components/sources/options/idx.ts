import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import type { Rule } from '../../../rule.ts'
import { arrayKeys } from './arrays.ts'
import { Memory } from './memory.ts'

type Places = Readonly<Partial<Record<'folder' | 'images' | 'labels', string | undefined>>>

const folderOrFiles: Rule<Places> = {
  needs: ['folder', 'images', 'labels'],
  check({ folder, images, labels }, report) {
    const files = images !== undefined && labels !== undefined
    const some = images !== undefined || labels !== undefined
    if (folder === undefined ? files : !some) return
    report([], 'give either folder, or both images and labels', { code: 'idx-files' })
  },
}

export const Idx = withRules(
  z.strictObject({
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
  }),
  folderOrFiles,
)
export type IdxSpec = z.infer<typeof Idx>
