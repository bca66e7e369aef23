import { interpret } from '../../ir/interpreter/interpreter.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { workOf } from '../../ir/work.ts'
import { buildStep } from '../../step/step.ts'
import { namedInputs } from '../../step/step-program.ts'
import type { ModelToExport } from '../format.ts'
import type { NamedArray } from '../program.ts'
import type { NumberRange } from './int8.ts'

/** Operations that are computed at most: those of a few seconds. */
const MOST_WORK = 2e8

/** The ranges of the values of a program for rows, by their places in it. */
export function rangesOf(
  { task, weights }: Pick<ModelToExport, 'task' | 'weights'>,
  rows: readonly NamedArray[],
): ReadonlyMap<number, NumberRange> {
  const all = rows[0]?.shape[0] ?? 0
  const count = Math.max(
    1,
    Math.min(all, Math.floor(MOST_WORK / workOf(buildStep(task, 1, 'predict').program))),
  )
  const step = buildStep(task, count, 'predict')
  const inputs = new Map(
    rows.map(({ name, shape, data }) => [
      name,
      spaced(
        data,
        all,
        shape.slice(1).reduce((a, b) => a * b, 1),
        count,
      ),
    ]),
  )
  const given = namedInputs<ArrayLike<number>>(step, { inputs, parameters: weights, counter: [0] })
  const measured = measuredValues(step.program)
  const outputs = new Map(Array.from(measured, ([place, value]) => [String(place), value]))
  const numbers = interpret({ ...step.program, outputs }, given)
  return new Map(Array.from(measured.keys(), (place) => [place, rangeOf(numbers.get(String(place)) ?? [])]))
}

/** Rows at equal distances. */
function spaced(data: Float32Array, rows: number, size: number, count: number): Float32Array {
  const chosen = new Float32Array(count * size)
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * rows) / count)
    chosen.set(data.subarray(row * size, (row + 1) * size), i * size)
  }
  return chosen
}

/** The values that products take and make, with and without a bias, by place. */
function measuredValues({ values }: Program): Map<number, Value> {
  const products = new Set<Value>(
    values.filter(({ op }) => ['matmul', 'convolution', 'convolution_input_gradient'].includes(op)),
  )
  const taken = new Set(
    values.flatMap((value) => {
      if (value.op === 'matmul') return [value.a]
      if (value.op === 'convolution') return [value.x]
      return value.op === 'convolution_input_gradient' ? [value.dy] : []
    }),
  )
  const isMeasured = (value: Value): boolean =>
    products.has(value) ||
    taken.has(value) ||
    value.op === 'gather' ||
    (value.op === 'binary' && products.has(value.a))
  return new Map([...values.entries()].filter(([, value]) => isMeasured(value)))
}

function rangeOf(numbers: ArrayLike<number>): NumberRange {
  let [least, most] = [0, 0]
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] ?? 0
    if (number < least) least = number
    if (number > most) most = number
  }
  return [least, most]
}
