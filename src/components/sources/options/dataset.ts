import * as z from 'zod'

import { datasets } from '../../datasets/index.ts'
import { arrayKeys } from './arrays.ts'
import { Memory } from './memory.ts'

const summaries = datasets.map(({ name, summary }) => `${name}: ${summary}`)

export const Known = z.strictObject({
  type: z
    .literal('dataset')
    .describe('A well-known data set; those that are not part of nnlab are fetched when they are first used'),
  name: z.enum(datasets.map(({ name }) => name)).describe(`Which one. ${summaries.join('; ')}`),
  memory: Memory,
  ...arrayKeys,
})
export type KnownSpec = z.infer<typeof Known>
