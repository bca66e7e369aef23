/** One field as a source found it; undefined is a missing value. */
export type Cell = number | string | undefined

const infinities = /^[+-]?inf(inity)?$/i
/** The sign that typesetters write. */
const MINUS = '\u2212'
const otherBases = /^[+-]?0[xbo]/i

/** The number that a cell spells, possibly infinite; undefined for any other string. */
export function numberIn(cell: number | string): number | undefined {
  if (typeof cell === 'number') return cell
  const number = Number(cell)
  if (Number.isNaN(number))
    return cell.startsWith(MINUS)
      ? numberIn(cell.replace(MINUS, '-'))
      : infinities.test(cell)
        ? Infinity
        : undefined
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

/** The cell of a JSON value that is not a list: true is 1, null is missing. */
export function cellOf(value: unknown, read: (field: string) => Cell): Cell {
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value === 'string') return read(value)
  return typeof value === 'number' ? value : Number(value)
}

/** The number of a cell: NaN where it is missing, undefined where it is neither finite nor a word for yes or no. */
export function numberOfCell(cell: Cell, readNumber: typeof numberIn): number | undefined {
  if (cell === undefined) return NaN
  const number = readNumber(cell) ?? booleanIn(String(cell))
  return Number.isFinite(number) ? number : undefined
}

/** Objects in objects are columns to this depth. */
const MOST_LEVELS = 8

/** A row whose objects are their own values, by names with a point between: {user: {age: 5}} has the column user.age. */
export function flatRow(
  row: Readonly<Record<string, unknown>>,
  levels = MOST_LEVELS,
): Readonly<Record<string, unknown>> {
  if (levels === 0 || !Object.values(row).some(isObject)) return row
  const cells = Object.entries(row).flatMap(([name, value]): [string, unknown][] =>
    isObject(value)
      ? Object.entries(flatRow(value, levels - 1)).map(([inner, cell]) => [`${name}.${inner}`, cell])
      : [[name, value]],
  )
  return Object.fromEntries(cells)
}

/** Tells an object of JSON, which some libraries make without a prototype, from lists and arrays of bytes. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Tells a list of numbers and strings, such as the ids of a sequence. */
export function isPlainList(value: unknown): value is readonly (number | string)[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' || typeof item === 'string')
}

/** The text that a list stands for in a column of strings: its items with spaces between. */
export function textOfList(items: readonly (number | string)[]): string {
  return items.length > 0 ? items.join(' ') : '[]'
}
