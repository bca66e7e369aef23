import * as z from 'zod'

import { size } from '../../../byte-size.ts'
import { augmentations } from '../../augmentations/index.ts'

export const ColumnName = z.string().min(1)

export const Memory = size()
  .default('2 GB')
  .describe(
    'Memory for the rows, as in "500 MB". Rows that do not fit are kept on disk, in the cache folder, while the command runs. The result is the same to the last bit',
  )

export const Limit = z
  .int()
  .positive()
  .optional()
  .describe(
    'The number of rows to use: the first ones, before the split, of each path that splits have of their own; of folders of images as many of each class. Default: all. A saved model predicts every row that it is given',
  )

export const Balance = z
  .enum(['none', 'oversample', 'undersample'])
  .describe(
    'Give every class as many training rows as the largest, by repeating rows at random (oversample), or as many as the smallest, by omitting rows (undersample)',
  )
export type Balance = z.infer<typeof Balance>

export const Augment = z
  .array(augmentations.ref())
  .describe(
    'Random changes of the training images, one after the other, with new draws in each epoch. They apply to every input of the model of shape [height, width, channels], after features.scale; the images of one row have the same draws. Evaluation and prediction use images as they are',
  )
