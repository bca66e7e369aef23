import { list } from '../../wording.ts'

/** Strings of a column as numbers. */
export type Encoding = {
  /** Count of numbers that a string becomes. */
  readonly width: number
  /** Description in a few words, as in `one-hot over 3 values`. */
  readonly title: string
  /** Writes the numbers of a string to data[at...], which holds zeros; a missing one is empty. Returns what is wrong with it. */
  write(string: string, data: Float32Array, at: number): string | undefined
  /** Tells a value that training never saw; absent where any is as good. */
  isUnseen?(string: string): boolean
}

/** The values of a column that the rows of a run have. */
export type Categories = {
  readonly categories: readonly string[]
  /** Those that no row of the training split has: they are treated like values that are not known at all. */
  readonly untrained?: readonly string[] | undefined
}

/** The place of each category that training saw. */
export function positionsOf({ categories, untrained = [] }: Categories): Map<string, number> {
  const positions = new Map(categories.map((category, position) => [category, position]))
  for (const category of untrained) positions.delete(category)
  return positions
}

/** Fault of a string that is not among the categories. */
export function unknownCategory(known: ReadonlyMap<string, number>): string {
  return `is not one of the ${known.size} values of the training split: ${list([...known.keys()])}`
}
