import * as z from 'zod'

import { categoriesOf, categoriesOption, unknownText } from './categories.ts'
import { defineEncoding } from './transform.ts'

const Unseen = z
  .enum(['error', 'other'])
  .describe(
    'What a value becomes that the training split lacks, or a missing one: an error, or the number after the last (other)',
  )

/** As scikit-learn's OrdinalEncoder, but numbers in the texts count by their size. */
export const ordinal = defineEncoding({
  type: 'ordinal',
  summary: 'Whole numbers from 0 in the order of the values, as an embedding takes them',
  options: () => ({ categories: categoriesOption(), unseen: Unseen.default('error') }),
  state: () => z.strictObject({ categories: z.array(z.string()), unseen: Unseen }),
  fit(texts, { categories: listed, unseen }) {
    const categories = categoriesOf(texts, listed)
    if (!listed && categories.every((text) => Number.isFinite(Number(text)))) {
      categories.sort((a, b) => Number(a) - Number(b))
    }
    return { categories, unseen }
  },
  encoding({ categories, unseen }) {
    const positions = new Map(categories.map((category, position) => [category, position]))
    return {
      width: 1,
      title: `a number for ${categories.length} values`,
      write(text, data, at) {
        const position = positions.get(text) ?? (unseen === 'other' ? categories.length : undefined)
        if (position === undefined) return text === '' ? 'is missing' : unknownText(categories)
        data[at] = position
        return undefined
      },
    }
  },
})
