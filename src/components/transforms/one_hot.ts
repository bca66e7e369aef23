import * as z from 'zod'

import { categoriesOf, categoriesOption, unknownText } from './categories.ts'
import { defineEncoding } from './transform.ts'

export const Unseen = z
  .enum(['error', 'ignore', 'other'])
  .describe(
    'What a value becomes that the training split lacks: an error, all zeros (ignore), or a category of its own after the known ones (other)',
  )
export type Unseen = z.infer<typeof Unseen>

export const oneHot = defineEncoding({
  type: 'one_hot',
  summary: 'A number for each value of the column: 1 for the one that a row has, 0 for the others',
  options: () => ({ categories: categoriesOption(), unseen: Unseen.default('error') }),
  state: () => z.strictObject({ categories: z.array(z.string()), unseen: Unseen }),
  fit: (texts, { categories, unseen }) => ({ categories: categoriesOf(texts, categories), unseen }),
  encoding({ categories, unseen }) {
    const positions = new Map(categories.map((category, position) => [category, position]))
    const width = categories.length + (unseen === 'other' ? 1 : 0)
    return {
      width,
      title: `one-hot over ${categories.length} values${unseen === 'other' ? ' and others' : ''}`,
      write(text, data, at) {
        if (text === '') return undefined
        const position = positions.get(text) ?? (unseen === 'other' ? categories.length : undefined)
        if (position === undefined) return unseen === 'error' ? unknownText(categories) : undefined
        data[at + position] = 1
        return undefined
      },
    }
  },
})
