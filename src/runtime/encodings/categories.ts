import { booleanIn } from '../cell.ts'

/** A number as programs write it, which may end in .0; others, such as 007, are names. */
const plainNumber = /^-?(0|[1-9]\d{0,14})(\.\d{1,14})?$/

/** A spelling that all programs agree on: True, TRUE and true are 1, and 3.0 is 3. */
function commonForm(value: string): string | undefined {
  if (plainNumber.test(value)) return String(Number(value))
  return booleanIn(value)?.toString()
}

/**
 * Finds the place of a value in a list: the one spelled alike, else the one that another program would spell so. Numbers
 * are compared where all values are numbers or booleans.
 */
export function placeIn(
  known: readonly string[] | ReadonlyMap<string, number>,
): (value: string) => number | undefined {
  const exact: ReadonlyMap<string, number> =
    'get' in known ? known : new Map(known.map((value, place) => [value, place]))
  const isPlain = [...exact.keys()].every((value) => value === '' || commonForm(value) !== undefined)
  const common = new Map<string, number>()
  for (const [value, place] of exact) {
    const form = isPlain || booleanIn(value) !== undefined ? commonForm(value) : undefined
    if (form !== undefined && !common.has(form)) common.set(form, place)
  }
  return (value) => exact.get(value) ?? common.get(commonForm(value) ?? '')
}

/** Digits that a number may have after the point, in the common form. */
const MOST_DECIMALS = 14

/** The places that `placeIn` finds, by every spelling of a known value: what looks strings up in a table alone needs them all. */
export function placesOfSpellings(known: ReadonlyMap<string, number>): Map<string, number> {
  const placeOf = placeIn(known)
  const places = new Map<string, number>()
  for (const value of known.keys()) {
    for (const spelling of [value, ...spellingsOf(commonForm(value))]) {
      const place = placeOf(spelling)
      if (place !== undefined) places.set(spelling, place)
    }
  }
  return places
}

/** The strings that have a common form. */
function spellingsOf(form: string | undefined): string[] {
  if (form === undefined || !plainNumber.test(form)) return []
  const [, decimals = ''] = form.split('.')
  const padded = Array.from({ length: MOST_DECIMALS - decimals.length + 1 }, (_, zeros) =>
    zeros === 0 ? form : `${form}${decimals === '' ? '.' : ''}${'0'.repeat(zeros)}`,
  )
  if (form === '0') return [...padded, ...padded.map((zero) => `-${zero}`), ...casings('false')]
  return form === '1' ? [...padded, ...casings('true')] : padded
}

/** A word in every mixture of lower and upper case. */
function casings(word: string): string[] {
  return [...word].reduce<string[]>(
    (begins, letter) => begins.flatMap((begin) => [begin + letter, begin + letter.toUpperCase()]),
    [''],
  )
}

/** Values of which no two are one in the common form; the first spelling counts. */
export function distinctValues(values: Iterable<string>): string[] {
  const found = [...new Set(values)]
  const isPlain = found.every((value) => value === '' || commonForm(value) !== undefined)
  const known = new Set<string>()
  return found.filter((value) => {
    const form = isPlain || booleanIn(value) !== undefined ? (commonForm(value) ?? value) : value
    if (known.has(form)) return false
    known.add(form)
    return true
  })
}
