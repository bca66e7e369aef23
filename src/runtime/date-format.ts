/** The beginnings of the names of months, in English, German, French, Spanish, Italian, Portuguese, Dutch and Swedish. */
const MONTHS = [
  /^(jan|ene|gen)/,
  /^(feb|fév|fev)/,
  /^(mar|mär|mrz|maa)/,
  /^(apr|avr|abr)/,
  /^(may|mai|mag|mei|maj)/,
  /^(jun|juin|giu)/,
  /^(jul|juil|lug)/,
  /^(aug|aoû|aou|ago)/,
  /^(sep|set)/,
  /^(oct|okt|ott|out)/,
  /^nov/,
  /^(dec|déc|dez|dic)/,
]

/** The fields of a Unicode (LDML) date pattern, as regular expressions. */
const fields: Readonly<Record<string, string>> = {
  y: '(?<year>\\d{4})',
  yyyy: '(?<year>\\d{4})',
  yy: '(?<short>\\d{2})',
  M: '(?<month>\\d{1,2})',
  MM: '(?<month>\\d{1,2})',
  MMM: '(?<name>\\p{L}{3,4})\\.?',
  MMMM: '(?<name>\\p{L}{3,})',
  QQQ: 'Q(?<quarter>[1-4])',
  d: '(?<day>\\d{1,2})',
  dd: '(?<day>\\d{1,2})',
  H: '(?<hour>\\d{1,2})',
  HH: '(?<hour>\\d{1,2})',
  h: '(?<hour>\\d{1,2})',
  hh: '(?<hour>\\d{1,2})',
  mm: '(?<minute>\\d{2})',
  ss: '(?<second>\\d{2}(?:[.,]\\d+)?)',
  a: '(?<half>[ap])\\.?m\\.?',
  EEE: '\\p{L}+\\.?',
  EEEE: '\\p{L}+',
  z: '\\p{L}{1,5}(?:[+-]\\d{1,2}(?::\\d{2})?)?',
  XXX: '(?<zone>Z|[+-]\\d{2}:?\\d{2})',
}

/** The fields of a text that fits a pattern; throws a RangeError for a field that it does not know. */
function matcher(pattern: string): (text: string) => Readonly<Record<string, string>> | undefined {
  const source = pattern.replaceAll(
    /'([^']*)'|([a-zA-Z])\2*|[^a-zA-Z']/g,
    (part: string, quoted?: string, letter?: string) => {
      if (letter === undefined)
        return (quoted ?? part).replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replaceAll(/\s+/g, '\\s+')
      const field = fields[part]
      if (field === undefined) throw new RangeError(`${part} is no field of a date`)
      return field
    },
  )
  const regex = new RegExp(`^\\s*${source}\\s*$`, 'iu')
  return (text) => regex.exec(text)?.groups
}

/** True for a pattern of times of day, or durations, such as `H:mm:ss`: it has no date. */
export function isTimePattern(pattern: string): boolean {
  return /[Hh]/.test(pattern) && !/[yMQd]/.test(pattern)
}

/** Returns what reads the seconds of a time in a pattern. */
export function timePattern(pattern: string): (text: string) => number | undefined {
  const fieldsOf = matcher(pattern)
  return (text) => {
    const found = fieldsOf(text)
    if (!found) return undefined
    const { minute = '0', second = '0' } = found
    return 3600 * hourIn(found) + 60 * Number(minute) + Number(second.replace(',', '.'))
  }
}

/** The hour of a day, or of a duration. */
function hourIn({ hour = '0', half }: Readonly<Record<string, string>>): number {
  if (half === undefined) return Number(hour)
  return (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
}

/** Returns what turns a date in a pattern into ISO 8601; throws a RangeError for a field that it does not know. */
export function datePattern(pattern: string): (text: string) => string | undefined {
  const fieldsOf = matcher(pattern)
  return (text) => {
    const found = fieldsOf(text)
    if (!found) return undefined
    const { year, short, name, quarter, day = '1', minute, second = '00', zone = '' } = found
    const first = quarter === undefined ? 1 : 3 * Number(quarter) - 2
    const month = name === undefined ? Number(found['month'] ?? first) : monthNamed(name)
    const whole = year === undefined ? 2000 + Number(short) - (Number(short) > 68 ? 100 : 0) : Number(year)
    // What is no day stays as it is written, for the message.
    if (month === 0 || !isDay(whole, month, Number(day))) return undefined
    const date = `${String(whole).padStart(4, '0')}-${two(month)}-${two(day)}`
    if (found['hour'] === undefined) return date
    return `${date}T${two(hourIn(found))}:${minute ?? '00'}:${second}${zone}`
  }
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** The number of a month, 0 where there is no such name. */
function monthNamed(name: string): number {
  return MONTHS.findIndex((month) => month.test(name.toLowerCase().normalize('NFC'))) + 1
}

function two(number: number | string): string {
  return String(number).padStart(2, '0')
}
