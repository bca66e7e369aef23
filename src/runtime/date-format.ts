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

/** Returns what turns a date in a pattern into ISO 8601; throws a RangeError for a field that it does not know. */
export function datePattern(pattern: string): (text: string) => string | undefined {
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
  return (text) => {
    const found = regex.exec(text)?.groups
    if (!found) return undefined
    const { year, short, name, day = '1', half, minute, second = '00', zone = '' } = found
    const month = name === undefined ? Number(found['month'] ?? 1) : monthNamed(name)
    if (month === 0) return undefined
    const whole = year === undefined ? 2000 + Number(short) - (Number(short) > 68 ? 100 : 0) : Number(year)
    const date = `${String(whole).padStart(4, '0')}-${two(month)}-${two(day)}`
    if (found['hour'] === undefined) return date
    const hour = Number(found['hour'])
    const ofDay = half === undefined ? hour : (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0)
    return `${date}T${two(ofDay)}:${minute ?? '00'}:${second}${zone}`
  }
}

/** The number of a month, 0 where there is no such name. */
function monthNamed(name: string): number {
  return MONTHS.findIndex((month) => month.test(name.toLowerCase().normalize('NFC'))) + 1
}

function two(number: number | string): string {
  return String(number).padStart(2, '0')
}
