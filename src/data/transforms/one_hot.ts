/** The distinct texts of the training rows, in code unit order: the position of each is the element set to 1. */
export function fitOneHot(values: Iterable<string>): string[] {
  const categories = new Set(values)
  categories.delete('')
  return [...categories].sort()
}
