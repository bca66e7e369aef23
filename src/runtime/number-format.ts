import { numberIn } from './cell.ts'

/** The signs in numbers. */
export type NumberSigns = {
  readonly decimal?: ',' | '.' | undefined
  readonly thousands?: string | undefined
}

/** Signs that are written in several ways. */
const alike: Readonly<Record<string, string>> = { ' ': '[ \\u00a0\\u2009\\u202f]', "'": "['\u2019]" }

/** Returns what reads the number that a cell spells. */
export function numberReader({ decimal = '.', thousands }: NumberSigns): typeof numberIn {
  if (decimal === '.' && thousands === undefined) return numberIn
  const mark = alike[thousands ?? ''] ?? `\\${thousands ?? ''}`
  const groups = thousands === undefined ? undefined : new RegExp(mark, 'g')
  const grouped = new RegExp(`^[+-]?\\d{1,3}(?:${mark}\\d{3})+(?:\\${decimal}\\d*)?$`)
  return (cell) => {
    if (typeof cell === 'number') return cell
    const text = groups && grouped.test(cell.trim()) ? cell.trim().replaceAll(groups, '') : cell
    if (decimal === '.') return numberIn(text)
    return text.includes('.') ? undefined : numberIn(text.replace(decimal, '.'))
  }
}

/** The parts of a pattern such as `$#,##0.00`: signs around the digits, which stand as they do in a number. */
const PATTERN = /^([^#0]*)([#0](?:[#0.,' ]*[#0])?)([^#0]*)$/

/** True for a pattern of numbers, such as `#.##0,00 €` or `0 km`. */
export function isNumberPattern(pattern: string): boolean {
  return PATTERN.test(pattern)
}

/** Returns what reads numbers that are written in a pattern; the signs around the digits may be missing. */
export function numberPattern(pattern: string): (field: string) => number | undefined {
  const [, before = '', digits = '', behind = ''] = PATTERN.exec(pattern) ?? []
  const read = numberReader(signsOf(digits))
  const start = new RegExp(`^([+-]?)\\s*${literal(before)}\\s*`)
  const end = new RegExp(`\\s*${literal(behind)}$`)
  return (field) => read(field.trim().replace(start, '$1').replace(end, ''))
}

/** The signs in the digits of a pattern: one before exactly three digits at the end divides groups, any other the fraction. */
function signsOf(digits: string): NumberSigns {
  const marks = [...digits.matchAll(/[^#0]/g)].map(([mark]) => mark)
  const [first, last] = [marks[0], marks.at(-1)]
  if (first === undefined || last === undefined) return {}
  const isGrouped = first === last && (marks.length > 1 || digits.length - digits.lastIndexOf(last) === 4)
  if (isGrouped) return { thousands: last, ...(last === '.' && { decimal: ',' }) }
  return { decimal: last === ',' ? ',' : '.', ...(first !== last && { thousands: first }) }
}

/** The pattern of numbers with these signs, and others around them. */
export function patternOf({ decimal = '.', thousands }: NumberSigns, before = '', behind = ''): string {
  const whole = thousands === undefined ? '0' : `#${thousands}##0`
  const isFraction = decimal === ',' || thousands === '.'
  return `${before}${whole}${isFraction ? `${decimal}0` : ''}${behind}`
}

function literal(text: string): string {
  return text.trim().replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
