import * as z from 'zod'

import { distinctValues, placeIn } from '../../runtime/encodings/categories.ts'

/** The option `categories`. */
export const categoriesOption = () =>
  z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe('The values in order. Default: those of all rows, sorted')

/** The values of a saved encoding. */
export const savedCategories = () => ({
  categories: z.array(z.string()),
  untrained: z.array(z.string()).optional(),
})

/** The distinct strings of all rows except the empty one, in code unit order, or the ones that the config lists. */
export function categoriesOf(
  strings: Iterable<string>,
  listed: readonly (string | number)[] | undefined,
  all: Iterable<string>,
): { categories: string[]; untrained?: string[] } {
  if (listed) return { categories: [...new Set(listed.map(String))] }
  const trained = placeIn([...new Set(strings)])
  const categories = distinctValues(all)
    .filter((string) => string !== '')
    .sort()
  const untrained = categories.filter((string) => trained(string) === undefined)
  return { categories, ...(untrained.length > 0 && { untrained }) }
}
