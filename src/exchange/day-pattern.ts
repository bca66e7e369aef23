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
