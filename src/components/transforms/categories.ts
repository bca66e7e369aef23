import * as z from 'zod'

/** The option `categories`. */
export const categoriesOption = () =>
  z
    .array(z.union([z.string(), z.number()]))
    .min(1)
    .optional()
    .describe('The values in order. Default: those of the training split, sorted')

/** The distinct texts but the missing one, in code unit order, or the ones that the config lists. */
export function categoriesOf(
  texts: Iterable<string>,
  listed: readonly (string | number)[] | undefined,
): string[] {
  if (listed) return [...new Set(listed.map(String))]
  const found = new Set(texts)
  found.delete('')
  return [...found].sort()
}

/** What to tell of a text that is not among the categories. */
export function unknownText(categories: readonly string[]): string {
  const shown = categories.slice(0, 8).map((text) => (text.length > 40 ? `${text.slice(0, 37)}...` : text))
  const more = categories.length > 8 ? ` and ${categories.length - 8} more` : ''
  return `is not one of the ${categories.length} values of the training split: ${shown.join(', ')}${more}`
}
