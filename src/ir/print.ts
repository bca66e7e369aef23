import type { Op, Program, Value } from './ir.ts'
import { operands, OPS } from './ops/index.ts'
import { list, number } from './ops/text.ts'

/** A program as text: the inputs, one line a value, the outputs. Inputs stand by name, scalar constants by number. */
export function print(program: Program): string {
  return [
    ...[...program.inputs].map(([name, value]) => `input ${name}: ${typeOf(value)}`),
    ...program.values.flatMap((value) =>
      inline(value) === undefined ? [`%${value.id}: ${printValue(value)}`, ...printBody(value)] : [],
    ),
    ...[...program.outputs].map(([name, value]) => `output ${name} = ${reference(value)}`),
    '',
  ].join('\n')
}

/** The body of a loop, below the line of its value. */
function printBody(value: Value): string[] {
  if (value.op !== 'scan') return []
  const lines = print(value.body).trimEnd().split('\n')
  return lines.map((line) => `  ${line}`)
}

/** The type of a value and the operation that makes it; values of one text are equal, but for long constants and loops. */
export function printValue(value: Value): string {
  return `${typeOf(value)} = ${expression(value)}`
}

function typeOf({ dtype, shape }: Value): string {
  return `${dtype}${list(shape)}`
}

function reference(value: Value): string {
  return inline(value) ?? `%${value.id}`
}

/** The text in place of a value that has no line of its own. */
function inline(value: Value): string | undefined {
  if (value.op === 'input') return value.name
  if (value.op === 'constant' && value.shape.length === 0) return number(value.data[0] ?? NaN)
  return undefined
}

function expression<K extends Op>(value: Value<K>): string {
  const [name = value.op, ...details] = OPS[value.op].print(value)
  return `${name}(${[...operands(value).map(reference), ...details].join(', ')})`
}
