import { operands } from './ir.ts'
import type { Program, Shape, Value } from './ir.ts'

/** A program as text: the inputs, one line a value, the outputs. Inputs stand by name, scalar constants by number. */
export function print(program: Program): string {
  return [
    ...[...program.inputs].map(([name, value]) => `input ${name}: ${typeOf(value)}`),
    ...program.values.flatMap((value) =>
      inline(value) === undefined ? [`%${value.id}: ${printValue(value)}`] : [],
    ),
    ...[...program.outputs].map(([name, value]) => `output ${name} = ${reference(value)}`),
    '',
  ].join('\n')
}

/** The type of a value and the operation that makes it; values of one text are equal, but for long constants. */
export function printValue(value: Value): string {
  return `${typeOf(value)} = ${expression(value)}`
}

function typeOf({ dtype, shape }: Value): string {
  return `${dtype}${list(shape)}`
}

function reference(value: Value): string {
  return inline(value) ?? `%${value.id}`
}

/** What stands for a value that has no line of its own. */
function inline(value: Value): string | undefined {
  if (value.op === 'input') return value.name
  if (value.op === 'constant' && value.shape.length === 0) return number(value.data[0] ?? NaN)
  return undefined
}

function expression(value: Value): string {
  const name =
    'function' in value
      ? `${value.op === 'reduce' || value.op === 'pool' ? `${value.op}_` : ''}${value.function}`
      : value.op
  return `${name}(${[...operands(value).map(reference), ...details(value)].join(', ')})`
}

/** The operation's attributes that its result's type does not tell. */
function details(value: Value): string[] {
  switch (value.op) {
    case 'constant':
      return [numbers(value.data)]
    case 'reduce':
      return [`axes: ${list(value.axes)}`]
    case 'argmax':
    case 'concat':
    case 'reverse':
    case 'iota':
      return [`axis: ${value.axis}`]
    case 'matmul':
      return [
        ...(value.transposeA ? ['transpose_a'] : []),
        ...(value.transposeB ? ['transpose_b'] : []),
        ...(value.parts === undefined ? [] : [`parts: ${value.parts}`]),
      ]
    case 'convolution':
    case 'convolution_input_gradient':
    case 'convolution_kernel_gradient':
      return [
        ...unlessAll('strides', value.strides, 1),
        ...unlessAll('dilation', value.dilation, 1),
        ...unlessAll('padding', value.padding.flat(), 0),
        ...(value.groups === 1 ? [] : [`groups: ${value.groups}`]),
      ]
    case 'pool':
    case 'max_pool_gradient':
    case 'average_pool_gradient':
      return [
        `size: ${list(value.size)}`,
        `strides: ${list(value.strides)}`,
        ...unlessAll('padding', value.padding.flat(), 0),
      ]
    case 'slice':
      return [`starts: ${list(value.starts)}`]
    case 'pad':
      return [
        `padding: ${list(value.padding.flat())}`,
        ...(value.value === 0 ? [] : [`value: ${number(value.value)}`]),
      ]
    case 'transpose':
      return [list(value.permutation)]
    case 'random':
      return [JSON.stringify(value.stream)]
    default:
      return []
  }
}

function unlessAll(name: string, values: Shape, usual: number): string[] {
  return values.every((value) => value === usual) ? [] : [`${name}: ${list(values)}`]
}

function list(values: Shape): string {
  return `[${values.join(', ')}]`
}

const SHOWN = 6

function numbers(data: ArrayLike<number>): string {
  const shown = Array.from({ length: Math.min(data.length, SHOWN) }, (_, i) => number(data[i] ?? NaN))
  return `[${shown.join(', ')}${data.length > SHOWN ? ', ...' : ''}]`
}

/** As few digits as tell a float32 apart from its neighbours. */
function number(x: number): string {
  if (Object.is(x, -0)) return '-0'
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(x.toPrecision(digits))
    if (Math.fround(text) === x) return String(text)
  }
  return String(x)
}
