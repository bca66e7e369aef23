// Dates as operators of ONNX: strings are cut at their separators (StringSplit, operator set 20).
import { cycles } from '../../runtime/encodings/date.ts'
import type { DateColumn, DatePart, DateState } from '../../runtime/encodings/date.ts'
import { dayPattern } from '../day-pattern.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { writeScaled } from './scaling.ts'

const ISO =
  '\\s*\\d{4}-\\d{1,2}-\\d{1,2}([Tt ]\\d{1,2}:\\d{2}(:\\d{2}([.,]\\d+)?)?\\s*([Zz]|[+-]\\d{2}:?\\d{2})?)?\\s*'

/** A date that every part can be read from, in the place of a string that is none. */
const ANY = '2000-01-01'

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
/** Sakamoto's offsets of the months for the day of the week (comp.lang.c, 1993). */
const WEEKDAY_OFFSETS = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]

/** Numbers of dates, float32 [rows, width], and the rows whose strings are none, bool [rows, 1]. */
export type WrittenDates = { readonly numbers: string; readonly invalid: string }

/** Dates of a pattern as ISO 8601 writes them; other strings as they are. */
function isoDates(c: IntegerOperators, strings: string, pattern: string): string {
  const { fields = [], separators: [first = '', second = ''] = [] } = dayPattern(pattern) ?? {}
  const [one, rest] = c.cut(strings, first)
  const [two, end] = c.cut(rest, second)
  const texts = [one, two, untilAny(c, end, [first, second])]
  const [year = '', month = '', day = ''] = ['y', 'M', 'd'].map((field) => texts[fields.indexOf(field)])
  const joined = [month, day].reduce(
    (all, text) =>
      c.graph.node('StringConcat', [c.graph.node('StringConcat', [all, c.graph.string('-')]), text]),
    year,
  )
  const digits = fields.map((field) => (field === 'y' ? '\\d{4}' : '\\d{1,2}'))
  const [between, behind] = [first, second].map((sign) => sign.replace(/[\\\]^]/, '\\$&'))
  const shape = `${digits[0]}[${between}]${digits[1]}[${behind}]${digits[2]}`
  return c.where(c.graph.node('RegexFullMatch', [strings], { pattern: shape }), joined, strings)
}

/** Writes the numbers of strings [rows, 1] that are dates, as ISO 8601 writes them or in a pattern. */
export function writeDates(
  graph: GraphWriter,
  given: string,
  { columns }: DateState,
  pattern: string | undefined,
): WrittenDates {
  const c = calculator(graph)
  const strings = pattern === undefined ? given : isoDates(c, given, pattern)
  const matches = graph.node('RegexFullMatch', [strings], { pattern: ISO })
  const { parts, isDate } = partsOfDates(c, c.where(matches, strings, graph.string(ANY)))
  const numbers = columns.map((column) => numbersOf(c, column, parts[column.part]))
  const whole = numbers.length === 1 ? (numbers[0] ?? '') : graph.node('Concat', numbers, { axis: 1 })
  return { numbers: whole, invalid: graph.node('Not', [graph.node('And', [matches, isDate])]) }
}

/** One part [rows, 1]: its sine and cosine where it is cyclic, else its scaled number. */
function numbersOf(
  { graph }: IntegerOperators,
  { part, cyclic, scaling }: DateColumn,
  value: string,
): string {
  const cycle = cycles[part]
  if (!cyclic || !cycle) {
    const number = graph.node('Cast', [value], { to: ElementType.double })
    return scaling
      ? writeScaled(graph, number, [scaling], [1])
      : graph.node('Cast', [number], { to: ElementType.float })
  }
  const { first, period } = cycle
  const angles = Array.from({ length: first + period }, (_, i) => (2 * Math.PI * (i - first)) / period)
  const table = Float32Array.from(angles.flatMap((angle) => [Math.sin(angle), Math.cos(angle)]))
  const rows = graph.node('Gather', [graph.constant([angles.length, 2], table), value], { axis: 0 })
  return graph.node('Reshape', [rows, graph.integers([-1, 2])])
}

/** Operators on whole numbers [rows, 1] and on strings. */
type IntegerOperators = {
  readonly graph: GraphWriter
  of(type: string, a: string, b: string | number): string
  where(condition: string, yes: string, no: string): string
  /** The parts before and after the first separator; all and nothing where there is none. */
  cut(strings: string, separator: string): readonly [before: string, after: string]
  integer(strings: string): string
}

function calculator(graph: GraphWriter): IntegerOperators {
  const operand = (x: string | number): string =>
    typeof x === 'string' ? x : graph.constant([], BigInt64Array.of(BigInt(x)))
  return {
    graph,
    of: (type, a, b) => graph.node(type, [a, operand(b)]),
    where: (condition, yes, no) => graph.node('Where', [condition, yes, no]),
    cut(strings, separator) {
      // With a separator at the end, there are two pieces of each string.
      const ended = graph.node('StringConcat', [strings, graph.string(separator)])
      const [pieces = ''] = graph.nodes('StringSplit', 2, [ended], { delimiter: separator, maxsplit: 1 })
      const piece = (i: number): string =>
        graph.node('Gather', [pieces, graph.constant([], BigInt64Array.of(BigInt(i)))], { axis: -1 })
      return [piece(0), piece(1)]
    },
    integer: (strings) => graph.node('Cast', [strings], { to: ElementType.int64 }),
  }
}

/** The parts of dates, whole numbers [rows, 1], and the rows whose parts are those of a day and a time. */
function partsOfDates(
  c: IntegerOperators,
  strings: string,
): { readonly parts: Readonly<Record<DatePart, string>>; readonly isDate: string } {
  const { graph } = c
  const [yearText, rest] = c.cut(strings, '-')
  const [monthText, others] = c.cut(rest, '-')
  const [year, month] = [c.integer(yearText), c.integer(monthText)]
  const day = c.integer(untilAny(c, others, ['T', 't', ' ', '-']))
  const time = timeOf(c, others)
  const hasTime = graph.node('RegexFullMatch', [time], { pattern: '\\d{1,2}:\\d{2}.*' })
  const [hourText, minutes] = c.cut(c.where(hasTime, time, graph.string('0:00')), ':')
  const minute = c.integer(untilAny(c, minutes, [':', '-', '+', 'Z', 'z', 'T', 't', ' ', ',', '.']))
  const hour = c.integer(hourText)
  const index = c.of('Max', c.of('Min', c.of('Sub', month, 1), 11), 0)
  const looked = (table: readonly number[]): string =>
    graph.node('Gather', [graph.integers(table), index], { axis: 0 })
  const before = c.of('Sub', year, graph.node('Cast', [c.of('Less', month, 3)], { to: ElementType.int64 }))
  const leaps = c.of(
    'Add',
    c.of('Sub', c.of('Div', before, 4), c.of('Div', before, 100)),
    c.of('Div', before, 400),
  )
  const sum = c.of('Add', c.of('Add', c.of('Add', before, leaps), looked(WEEKDAY_OFFSETS)), day)
  // Sunday is 0 there, Monday here.
  const weekday = c.of('Mod', c.of('Add', sum, 6), 7)
  const isDivided = (by: number): string => c.of('Equal', c.of('Mod', year, by), 0)
  const isLeap = c.of('Or', c.of('And', isDivided(4), graph.node('Not', [isDivided(100)])), isDivided(400))
  const isLong = graph.node('Cast', [c.of('And', isLeap, c.of('Equal', month, 2))], { to: ElementType.int64 })
  const limits = [
    c.of('GreaterOrEqual', year, 100),
    c.of('GreaterOrEqual', month, 1),
    c.of('LessOrEqual', month, 12),
    c.of('GreaterOrEqual', day, 1),
    c.of('LessOrEqual', day, c.of('Add', looked(DAYS), isLong)),
    c.of('LessOrEqual', hour, 23),
    c.of('LessOrEqual', minute, 59),
  ]
  const isDate = limits.reduce((all, one) => c.of('And', all, one))
  // A part that is none stays within its table.
  const within = (part: string, first: number, last: number): string =>
    c.of('Max', c.of('Min', part, last), first)
  return {
    parts: {
      year,
      month: within(month, 1, 12),
      day: within(day, 1, 31),
      weekday,
      hour: within(hour, 0, 23),
      minute: within(minute, 0, 59),
    },
    isDate,
  }
}

/** The part before the first of several separators. */
function untilAny(c: IntegerOperators, strings: string, separators: readonly string[]): string {
  return separators.reduce((before, separator) => c.cut(before, separator)[0], strings)
}

/** The part after the T or the space between a day and a time. */
function timeOf(c: IntegerOperators, strings: string): string {
  const parts = ['T', 't'].map((separator) => c.cut(strings, separator)[1])
  const [day] = c.cut(untilAny(c, strings, ['T', 't']), '-')
  const [, afterSpace] = c.cut(day, ' ')
  return [...parts, afterSpace].reduce((all, part) => c.graph.node('StringConcat', [all, part]))
}
