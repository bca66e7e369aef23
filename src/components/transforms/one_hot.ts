import * as z from 'zod'

import { categoriesOf, categoriesOption, savedCategories } from './categories.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

export const Unseen = z
  .enum(['ignore', 'other', 'error'])
  .describe(
    'Treatment of a value that the training split lacks: all zeros, and a note (ignore), an extra category after the known ones (other), or an error',
  )
export type Unseen = z.infer<typeof Unseen>

export const oneHot = defineEncoding({
  type: 'one_hot',
  summary: 'A number for each value of the column: 1 for the one that a row has, 0 for the others',
  options: () => ({ categories: categoriesOption(), unseen: Unseen.default('ignore') }),
  saved: () => savedEncoding('one_hot', { ...savedCategories(), unseen: Unseen }),
  fit: (strings, { categories, unseen }, all = strings) => ({
    transform: 'one_hot',
    state: { ...categoriesOf(strings, categories, all), unseen },
  }),
})
