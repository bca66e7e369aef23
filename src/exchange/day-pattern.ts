/** A pattern of a day of three numbers, such as dd.MM.yyyy. */
const DAY = /^(yyyy|y|MM?|dd?)([^\p{L}'])(yyyy|y|MM?|dd?)([^\p{L}'])(yyyy|y|MM?|dd?)$/u

/** The letters of its fields, `y`, `M` and `d`, in their order, and what stands between. */
export type DayPattern = { readonly fields: readonly string[]; readonly separators: readonly string[] }

/** The parts of a pattern of dates; undefined for one that is no day of three numbers. */
export function dayPattern(pattern: string): DayPattern | undefined {
  const [, a = '', first = '', b = '', second = '', c = ''] = DAY.exec(pattern) ?? []
  const fields = [a, b, c].map((field) => field.charAt(0))
  return new Set(fields).size === 3 ? { fields, separators: [first, second] } : undefined
}

/** A day that is written as ISO 8601 does, in a pattern; any other string as it is. */
export function dayAs(pattern: string, string: string): string {
  const [, year, month = '', day = ''] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(string) ?? []
  if (year === undefined || !dayPattern(pattern)) return string
  return pattern.replaceAll(/yyyy|y|MM?|dd?/g, (field) => {
    if (field.startsWith('y')) return year
    const digits = field.startsWith('M') ? month : day
    return field.length === 1 ? String(Number(digits)) : digits
  })
}
