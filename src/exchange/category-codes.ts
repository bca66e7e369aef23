// Categories as a table of strings with a code each, for programs that look strings up.
import { columnValues } from '../runtime/columns.ts'
import { placesOfSpellings } from '../runtime/encodings/categories.ts'
import { positionsOf } from '../runtime/encodings/encoding.ts'
import { encodingOf } from '../runtime/encodings/index.ts'
import type { EncodedFeature, Preprocessing } from '../runtime/preprocessing.ts'
import { MISSING } from '../runtime/text-form.ts'

/** The code of a string that `nnlab predict` refuses: no category has it. */
export const REFUSED = -1

type Categorical = EncodedFeature & { readonly transform: 'one_hot' | 'ordinal' }

/** Tells an encoding of categories. */
export function isCategorical(feature: EncodedFeature): feature is Categorical {
  return feature.transform === 'one_hot' || feature.transform === 'ordinal'
}

/** The codes of strings: the place of their category; of one-hot codes, those from `width` on stand for no category. */
export type CategoryCodes = {
  /** The codes of every spelling of a category, and of the words for a missing value. */
  readonly codes: ReadonlyMap<string, number>
  /** The code of any other string. */
  readonly other: number
  /** Numbers that a code becomes. */
  readonly width: number
}

export function categoryCodes(
  feature: EncodedFeature,
  preprocessing: Preprocessing,
): CategoryCodes | undefined {
  if (!isCategorical(feature)) return undefined
  const categories = positionsOf(feature.state)
  const { scalings: _, ...plain } = feature
  const { width, write } = encodingOf(plain)
  const codeOf = (string: string): number => {
    const numbers = new Float32Array(width)
    if (write(string, numbers, 0) !== undefined) return REFUSED
    if (feature.transform === 'ordinal') return numbers[0] ?? 0
    const place = numbers.indexOf(1)
    return place < 0 ? width : place
  }
  const missing = preprocessing.missing === 'fill' ? codeOf('') : REFUSED
  const codes = placesOfSpellings(categories)
  for (const word of missingWords(preprocessing, feature.column)) codes.set(word, missing)
  return { codes, other: codeOf(unknownTo(categories)), width }
}

/** The words that stand for a missing value in a column: in files other than csv, those that a config lists. */
export function missingWords(preprocessing: Preprocessing, column: string): string[] {
  const { csv, text } = preprocessing
  const words = new Set(['', ...(text?.missing_values ?? (csv ? MISSING : []))])
  for (const value of columnValues(preprocessing).get(column) ?? []) words.delete(value)
  return [...words.add('')]
}

/** A string that is no category. */
export function unknownTo(known: { has(string: string): boolean }): string {
  let string = 'unknown'
  while (known.has(string)) string += ' '
  return string
}
