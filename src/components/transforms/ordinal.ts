import * as z from 'zod'

import { categoriesOf, categoriesOption } from './categories.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

const UnseenOrMissing = z
  .enum(['error', 'other'])
  .describe(
    'Treatment of a value that the training split lacks, or of a missing one: an error, or the number after the last (other)',
  )

/** As scikit-learn's OrdinalEncoder, but strings that spell numbers are sorted by size. */
export const ordinal = defineEncoding({
  type: 'ordinal',
  summary: 'Integers from 0 in the order of the values, as an embedding expects them',
  options: () => ({ categories: categoriesOption(), unseen: UnseenOrMissing.default('error') }),
  saved: () => savedEncoding('ordinal', { categories: z.array(z.string()), unseen: UnseenOrMissing }),
  fit(strings, { categories: listed, unseen }) {
    const categories = categoriesOf(strings, listed)
    if (!listed && categories.every((string) => Number.isFinite(Number(string)))) {
      categories.sort((a, b) => Number(a) - Number(b))
    }
    return { transform: 'ordinal', state: { categories, unseen } }
  },
})
