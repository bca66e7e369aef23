import { list } from '../../wording.ts'

/** Strings of a column as numbers. */
export type Encoding = {
  /** Count of numbers that a string becomes. */
  readonly width: number
  /** Description in a few words, as in `one-hot over 3 values`. */
  readonly title: string
  /** Writes the numbers of a string to data[at...], which holds zeros; a missing one is empty. Returns what is wrong with it. */
  write(string: string, data: Float32Array, at: number): string | undefined
}

/** Fault of a string that is not among the categories. */
export function unknownCategory(categories: readonly string[]): string {
  return `is not one of the ${categories.length} values of the training split: ${list(categories)}`
}
