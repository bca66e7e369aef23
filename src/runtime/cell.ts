/** One field as a source found it; undefined is a missing value. */
export type Cell = number | string | undefined

const infinities = /^[+-]?inf(inity)?$/i
const otherBases = /^[+-]?0[xbo]/i

/** The number that a cell spells, possibly infinite; undefined for any other string. */
export function numberIn(cell: number | string): number | undefined {
  if (typeof cell === 'number') return cell
  const number = Number(cell)
  if (Number.isNaN(number)) return infinities.test(cell) ? Infinity : undefined
  // Number also takes blanks and 0x1f for numbers; in data those are strings.
  return otherBases.test(cell) || (number === 0 && cell.trim() === '') ? undefined : number
}

/** The number of a word for yes or no, as programs write them. */
export function booleanIn(cell: string): number | undefined {
  const word = cell.toLowerCase()
  return word === 'true' ? 1 : word === 'false' ? 0 : undefined
}

/** The string that an encoding reads for a value of a column; empty if it is missing. */
export function stringOf(value: number | string | undefined): string {
  if (typeof value === 'string') return value
  return value === undefined || Number.isNaN(value) ? '' : String(value)
}
