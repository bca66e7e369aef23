// The ranges of the numbers that a network computes with, from rows of its training split.
import { evenPositions } from '../data/rows/picked-rows.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Program, Value } from '../ir/ir.ts'
import { numbersOfRows } from '../table/columns/typed-array.ts'
import type { NumberRange } from './int8.ts'
import type { NamedArray } from './program.ts'

/** Operations that are computed at most: those of a few seconds. */
const MOST_WORK = 2e8

/** As many rows as are computed in a few seconds where one takes `work` operations, at equal distances. */
export function spacedRows(rows: readonly NamedArray[], work: number): NamedArray[] {
  const all = rows[0]?.shape[0] ?? 0
  const chosen = evenPositions(Math.max(1, all), Math.max(1, Math.floor(MOST_WORK / work)))
  return rows.map(({ name, shape: [, ...shape], data }) => ({
    name,
    shape: [chosen.length, ...shape],
    data: numbersOfRows(data, chosen, sizeOf(shape)),
  }))
}

/** The ranges of the values of a program by their places in it, over inputs that are given once or several times. */
export function rangesOf(
  program: Program,
  inputs: Iterable<ReadonlyMap<string, ArrayLike<number>>>,
): ReadonlyMap<number, NumberRange> {
  const measured = measuredValues(program)
  const outputs = new Map(Array.from(measured, ([place, value]) => [String(place), value]))
  const ranges = new Map<number, NumberRange>()
  for (const given of inputs) {
    const numbers = interpret({ ...program, outputs }, given)
    for (const place of measured.keys())
      ranges.set(place, widened(ranges.get(place), numbers.get(String(place)) ?? []))
  }
  return ranges
}

/** The values that products take and make, with and without a bias, by place. */
function measuredValues({ values }: Program): Map<number, Value> {
  const products = new Set<Value>(
    values.filter(({ op }) => ['matmul', 'convolution', 'convolution_input_gradient'].includes(op)),
  )
  const taken = new Set(values.map(takenBy))
  const isMeasured = (value: Value): boolean =>
    products.has(value) ||
    taken.has(value) ||
    value.op === 'gather' ||
    (value.op === 'binary' && products.has(value.a))
  return new Map([...values.entries()].filter(([, value]) => isMeasured(value)))
}

/** The operand of a product that is not its weights; undefined for other values. */
export function takenBy(value: Value): Value | undefined {
  if (value.op === 'matmul') return value.a
  if (value.op === 'convolution') return value.x
  return value.op === 'convolution_input_gradient' ? value.dy : undefined
}

function widened([least, most]: NumberRange = [0, 0], numbers: ArrayLike<number>): NumberRange {
  let [low, high] = [least, most]
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] ?? 0
    if (number < low) low = number
    if (number > high) high = number
  }
  return [low, high]
}
