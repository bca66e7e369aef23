import * as z from 'zod'

/** The option `categories`. */
export const categoriesOption = () =>
  z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe('The values in order. Default: those of the training split, sorted')

/** The distinct strings except the empty one, in code unit order, or the ones that the config lists. */
export function categoriesOf(
  strings: Iterable<string>,
  listed: readonly (string | number)[] | undefined,
): string[] {
  if (listed) return [...new Set(listed.map(String))]
  const found = new Set(strings)
  found.delete('')
  return [...found].sort()
}
