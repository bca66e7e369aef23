import type { numberReader } from '../../runtime/number-format.ts'

/**
 * A number of nines, which programs and surveys write where there is none, or one of the codes just below it, such as 97 and
 * 98 beside 99; the rows in which they stand, and how far they are from others.
 */
const STAND_IN = /^-?9+[6-9](?:[.,]0+)?$/
const [ROWS_OF_A_STAND_IN, FAR] = [2, 2]

/** The numbers that stand for missing values: far from all others in each column that has them. */
export function standInsOf(
  columns: readonly (readonly string[])[],
  read: ReturnType<typeof numberReader>,
): string[] {
  const found = new Map<string, boolean>()
  for (const values of columns) {
    const written = values.filter((value) => STAND_IN.test(value))
    if (written.length === 0) continue
    const others = values.flatMap((value) => (STAND_IN.test(value) ? [] : (read(value) ?? [])))
    const [least, most] = [
      others.reduce((a, b) => Math.min(a, b), Infinity),
      others.reduce((a, b) => Math.max(a, b), -Infinity),
    ]
    const range = Math.max(most - least, 1)
    const words = new Set(written)
    for (const word of words) {
      const number = read(word) ?? NaN
      const isFar = number > most + FAR * range || number < least - FAR * range
      const isCode = words.has(ninesOf(word)) && written.length >= ROWS_OF_A_STAND_IN
      if (!isFar) found.set(word, false)
      else if (isCode && !found.has(word)) found.set(word, true)
    }
  }
  return [...found].flatMap(([word, isStandIn]) => (isStandIn ? [word] : []))
}

/** The number of nines alone above a code: 99 of 97. */
function ninesOf(code: string): string {
  return code.replace(/[6-9](?=[.,]|$)/, '9')
}
