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
  // In India, groups of two stand before the last one of three: 12,34,567.
  const pairs = thousands === ',' ? `|\\d{1,2}(?:${mark}\\d{2})+${mark}\\d{3}` : ''
  const grouped = new RegExp(`^[+-]?(?:\\d{1,3}(?:${mark}\\d{3})+${pairs})(?:\\${decimal}\\d*)?$`)
  return (cell) => {
    if (typeof cell === 'number') return cell
    const text = groups && grouped.test(cell.trim()) ? cell.trim().replaceAll(groups, '') : cell
    if (decimal === '.') return numberIn(text)
    return text.includes('.') ? undefined : numberIn(text.replace(decimal, '.'))
  }
}

/** The parts of a pattern such as `$#,##0.00`: signs around the digits, which stand as they do in a number; quoted ones may be digits. */
const PATTERN = /^([^#0]*)([#0](?:[#0.,' ]*[#0])?)((?:'[^']*'|[^#0])*)$/

/** True for a pattern of numbers, such as `#.##0,00 €`, `0 km`, `0'/20'` or `0;(0)`. */
export function isNumberPattern(pattern: string): boolean {
  const parts = pattern.split(';')
  return parts.length <= 2 && parts.every((part) => PATTERN.test(part))
}

/**
 * Returns what reads numbers that are written in a pattern; the signs around the digits may be missing. What stands behind
 * a semicolon, as in Unicode's patterns, is how negative numbers are written that have no minus before them.
 */
export function numberPattern(pattern: string): (field: string) => number | undefined {
  const [positive = '', negative] = pattern.split(';')
  const [, before = '', digits = '', behind = ''] = PATTERN.exec(positive) ?? []
  const isCompact = behind.trim() === COMPACT
  const read = isCompact ? compactReader(signsOf(digits)) : numberReader(signsOf(digits))
  const start = new RegExp(`^([+-]?)\\s*${isBound(before.trim()) ? `[${BOUNDS}]` : literal(before)}\\s*`)
  const end = new RegExp(`\\s*${literal(isCompact ? '' : behind)}$`)
  const readPositive = (field: string): number | undefined =>
    read(field.trim().replace(start, '$1').replace(end, ''))
  if (negative === undefined) return readPositive
  const [, first = '', , last = ''] = PATTERN.exec(negative) ?? []
  const closing = isCompact ? last.replace(COMPACT, '') : last
  const around = new RegExp(`^\\s*${literal(first)}\\s*(.*?)\\s*${literal(closing)}\\s*$`)
  return (field) => {
    const [, inner] = around.exec(field) ?? []
    const number = inner === undefined ? undefined : read(inner)
    return number === undefined ? readPositive(field) : 0 - number
  }
}

/** The signs of bounds, as of what an instrument can measure: its column may have both `<0.5` and `>100`. */
const BOUNDS = '<>≤≥≈~'

export function isBound(sign: string): boolean {
  return sign.length === 1 && BOUNDS.includes(sign)
}

/** The word behind the digits of a pattern for numbers such as 1.5K and 2M; it is Unicode's. */
export const COMPACT = 'compact-short'
/** The factors of letters behind numbers, in small ones. */
const SCALES: ReadonlyMap<string, number> = new Map([
  ['k', 1e3],
  ['m', 1e6],
  ['mn', 1e6],
  ['mio', 1e6],
  ['b', 1e9],
  ['bn', 1e9],
  ['mrd', 1e9],
  ['t', 1e12],
])

/** Returns what reads numbers with letters for thousands or more behind them, or without. */
function compactReader(signs: NumberSigns): (field: string) => number | undefined {
  const read = numberReader(signs)
  return (field) => {
    const [, digits = '', letters = ''] = /^(.*?)\s*(\p{L}*)\.?$/u.exec(field) ?? []
    const [number, scale] = [read(digits), letters === '' ? 1 : SCALES.get(letters.toLowerCase())]
    return number === undefined || scale === undefined ? undefined : number * scale
  }
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
  const after = /[#0]/.test(behind) ? `'${behind}'` : behind
  return `${before}${whole}${isFraction ? `${decimal}0` : ''}${after}`
}

function literal(text: string): string {
  return text
    .replaceAll(/'([^']*)'/g, '$1')
    .trim()
    .replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
