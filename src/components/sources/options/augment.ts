import * as z from 'zod'

import { augmentations } from '../../augmentations/index.ts'

export const Augment = z
  .array(augmentations.ref())
  .describe(
    'Random changes of the images that training sees, one after the other, drawn again in each epoch. They apply to every input of the model of shape [height, width, channels], after features.scale; the images of one row have the same draws. Evaluation and prediction take images as they are',
  )
