import * as z from 'zod'

import { categoriesOf, categoriesOption } from './categories.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

export const Unseen = z
  .enum(['error', 'ignore', 'other'])
  .describe(
    'Treatment of a value that the training split lacks: an error, all zeros (ignore), or an extra category after the known ones (other)',
  )
export type Unseen = z.infer<typeof Unseen>

export const oneHot = defineEncoding({
  type: 'one_hot',
  summary: 'A number for each value of the column: 1 for the one that a row has, 0 for the others',
  options: () => ({ categories: categoriesOption(), unseen: Unseen.default('error') }),
  saved: () => savedEncoding('one_hot', { categories: z.array(z.string()), unseen: Unseen }),
  fit: (strings, { categories, unseen }) => ({
    transform: 'one_hot',
    state: { categories: categoriesOf(strings, categories), unseen },
  }),
})
