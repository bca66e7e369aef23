import * as z from 'zod'

import { categoriesOf, categoriesOption, savedCategories } from './categories.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

const UnseenOrMissing = z
  .enum(['other', 'error'])
  .describe(
    'Treatment of a value that the training split lacks, or of a missing one: the number after the last (other), or an error',
  )

/** As scikit-learn's OrdinalEncoder, but strings that spell numbers are sorted by size. */
export const ordinal = defineEncoding({
  type: 'ordinal',
  summary: 'Integers from 0 in the order of the values, as an embedding expects them',
  options: () => ({ categories: categoriesOption(), unseen: UnseenOrMissing.default('other') }),
  saved: () => savedEncoding('ordinal', { ...savedCategories(), unseen: UnseenOrMissing }),
  fit(strings, { categories: listed, unseen }, all = strings) {
    const { categories, ...others } = categoriesOf(strings, listed, all)
    if (!listed && categories.every((string) => Number.isFinite(Number(string)))) {
      categories.sort((a, b) => Number(a) - Number(b))
    }
    return { transform: 'ordinal', state: { categories, ...others, unseen } }
  },
})
