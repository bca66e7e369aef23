// Executes a program one element at a time in float64: slow, obvious, and the oracle of every other engine.

import { randomUniform, stream } from '../random.ts'
import { sizeOf } from './ir.ts'
import type { BinaryFunction, Program, ReduceFunction, Shape, UnaryFunction, Value } from './ir.ts'

export type Elements = Float64Array

/** Values of every output, given those of every input; `seed` keys the random streams. */
export function interpret(
  program: Program,
  inputs: ReadonlyMap<string, ArrayLike<number>>,
  seed = 0,
): Map<string, Elements> {
  const results = new Map<Value, Elements>()
  const read = (value: Value): Elements => {
    const elements = results.get(value)
    if (elements === undefined) throw new Error(`value ${value.id} is used before it is made`)
    return elements
  }
  for (const value of program.values) results.set(value, evaluate(value, read, inputs, seed))
  return new Map([...program.outputs].map(([name, value]) => [name, read(value)]))
}

type Read = (value: Value) => Elements

function evaluate(
  value: Value,
  read: Read,
  inputs: ReadonlyMap<string, ArrayLike<number>>,
  seed: number,
): Elements {
  switch (value.op) {
    case 'input': {
      const elements = inputs.get(value.name)
      if (elements?.length !== sizeOf(value.shape)) {
        throw new Error(
          `input ${value.name}: ${elements?.length ?? 'no'} elements for shape [${value.shape.join(', ')}]`,
        )
      }
      return Float64Array.from(elements)
    }
    case 'constant':
      return Float64Array.from(value.data)
    case 'unary':
      return read(value.x).map(UNARY[value.function])
    case 'binary': {
      const apply = BINARY[value.function]
      const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
      return a.map((x, i) => apply(x, b[i] ?? NaN))
    }
    case 'select': {
      const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
      return broadcast(value.condition, value.shape, read).map((test, i) =>
        test !== 0 ? (a[i] ?? NaN) : (b[i] ?? NaN),
      )
    }
    case 'reduce':
      return reduce(value.function, value.x, value.axes, read(value.x))
    case 'argmax':
      return argmax(value.x, value.axis, read(value.x))
    case 'matmul':
      return matmul(value, read(value.a), read(value.b))
    case 'convolution':
      return convolution(value, read(value.x), read(value.kernel))
    case 'convolution_input_gradient':
      return convolutionInputGradient(value, read(value.dy), read(value.kernel))
    case 'pool':
      return pool(value, read(value.x))
    case 'gather': {
      const row = sizeOf(value.x.shape.slice(1))
      const [x, indices] = [read(value.x), read(value.indices)]
      return make(value.shape, (i) => x[(indices[Math.floor(i / row)] ?? NaN) * row + (i % row)] ?? NaN)
    }
    case 'slice': {
      const { starts } = value
      return take(value, value.x, read, (index) => index.map((at, axis) => at + (starts[axis] ?? 0)))
    }
    case 'pad': {
      const { padding, value: filler } = value
      const x = read(value.x)
      const { shape } = value.x
      return mapIndex(value.shape, (index) => {
        const source = index.map((at, axis) => at - (padding[axis]?.[0] ?? 0))
        const inside = source.every((at, axis) => at >= 0 && at < (shape[axis] ?? 0))
        return inside ? (x[offset(source, shape)] ?? NaN) : filler
      })
    }
    case 'concat':
      return concat(value.xs, value.axis, value.shape, read)
    case 'transpose': {
      const { permutation } = value
      return take(value, value.x, read, (index) =>
        permutation.map((_, axis) => index[permutation.indexOf(axis)] ?? 0),
      )
    }
    case 'reverse': {
      const { axis } = value
      return take(value, value.x, read, (index) =>
        index.with(axis, (value.shape[axis] ?? 0) - 1 - (index[axis] ?? 0)),
      )
    }
    case 'reshape':
    case 'stop_gradient':
      return read(value.x)
    case 'broadcast':
      return broadcast(value.x, value.shape, read)
    case 'cast':
      return value.dtype === 'i32' ? read(value.x).map(Math.trunc) : read(value.x)
    case 'iota':
      return mapIndex(value.shape, (index) => index[value.axis] ?? 0)
    case 'random':
      return Float64Array.from(
        randomUniform(stream(seed, value.stream), read(value.counter)[0] ?? 0, sizeOf(value.shape)),
      )
  }
}

const UNARY: Record<UnaryFunction, (x: number) => number> = {
  abs: Math.abs,
  ceil: Math.ceil,
  cos: Math.cos,
  erf,
  exp: Math.exp,
  expm1: Math.expm1,
  floor: Math.floor,
  log: Math.log,
  log1p: Math.log1p,
  neg: (x) => -x,
  relu: (x) => Math.max(x, 0),
  rsqrt: (x) => 1 / Math.sqrt(x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  sign: Math.sign,
  sin: Math.sin,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  sqrt: Math.sqrt,
  square: (x) => x * x,
  tanh: Math.tanh,
}

const BINARY: Record<BinaryFunction, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  pow: (a, b) => a ** b,
  equal: (a, b) => (a === b ? 1 : 0),
  less: (a, b) => (a < b ? 1 : 0),
  less_equal: (a, b) => (a <= b ? 1 : 0),
}

const REDUCE: Record<ReduceFunction, { start: number; step: (sum: number, x: number) => number }> = {
  sum: { start: 0, step: (sum, x) => sum + x },
  prod: { start: 1, step: (product, x) => product * x },
  max: { start: -Infinity, step: Math.max },
  min: { start: Infinity, step: Math.min },
}

/** The Gauss error function: its Maclaurin series near 0, a continued fraction of erfc far from it (DLMF 7.6.1, 7.9.1). */
function erf(x: number): number {
  const z = Math.abs(x)
  if (z > 6) return Math.sign(x)
  if (z < 3) {
    let term = z
    let sum = z
    for (let n = 1; Math.abs(term) > 1e-18 * sum; n++) {
      term *= (-z * z) / n
      sum += term / (2 * n + 1)
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI)
  }
  let fraction = z
  for (let n = 60; n >= 1; n--) fraction = z + n / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-z * z) / (fraction * Math.sqrt(Math.PI)))
}

function make(shape: Shape, element: (i: number) => number): Elements {
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => element(i))
}

function mapIndex(shape: Shape, element: (index: number[]) => number): Elements {
  return make(shape, (i) => element(indexOf(i, shape)))
}

function indexOf(position: number, shape: Shape): number[] {
  const index: number[] = []
  let rest = position
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1
    index[axis] = rest % length
    rest = Math.floor(rest / length)
  }
  return index
}

function offset(index: readonly number[], shape: Shape): number {
  return index.reduce((position, at, axis) => position * (shape[axis] ?? 1) + at, 0)
}

function take(value: Value, x: Value, read: Read, source: (index: number[]) => number[]): Elements {
  const elements = read(x)
  return mapIndex(value.shape, (index) => elements[offset(source(index), x.shape)] ?? NaN)
}

function broadcast(x: Value, shape: Shape, read: Read): Elements {
  const elements = read(x)
  const missing = shape.length - x.shape.length
  return mapIndex(shape, (index) => {
    const source = x.shape.map((length, axis) => (length === 1 ? 0 : (index[axis + missing] ?? 0)))
    return elements[offset(source, x.shape)] ?? NaN
  })
}

function reduce(name: ReduceFunction, x: Value, axes: Shape, elements: Elements): Elements {
  const kept = x.shape.filter((_, axis) => !axes.includes(axis))
  const { start, step } = REDUCE[name]
  const result = new Float64Array(sizeOf(kept)).fill(start)
  elements.forEach((element, i) => {
    const at = offset(
      indexOf(i, x.shape).filter((_, axis) => !axes.includes(axis)),
      kept,
    )
    result[at] = step(result[at] ?? 0, element)
  })
  return result
}

function argmax(x: Value, axis: number, elements: Elements): Elements {
  const length = x.shape[axis] ?? 1
  return mapIndex(x.shape.toSpliced(axis, 1), (index) => {
    const along = Array.from(
      { length },
      (_, i) => elements[offset(index.toSpliced(axis, 0, i), x.shape)] ?? NaN,
    )
    return along.indexOf(Math.max(...along))
  })
}

function matmul(value: Extract<Value, { op: 'matmul' }>, a: Elements, b: Elements): Elements {
  const [rows, columns] = [value.shape.at(-2) ?? 0, value.shape.at(-1) ?? 0]
  const inner = value.a.shape.at(value.transposeA ? -2 : -1) ?? 0
  const shared = value.b.shape.length === 2
  return make(value.shape, (i) => {
    const matrix = Math.floor(i / (rows * columns))
    const row = Math.floor(i / columns) % rows
    const column = i % columns
    const startA = matrix * rows * inner
    const startB = shared ? 0 : matrix * inner * columns
    let sum = 0
    for (let k = 0; k < inner; k++) {
      const left = a[startA + (value.transposeA ? k * rows + row : row * inner + k)] ?? NaN
      const right = b[startB + (value.transposeB ? column * inner + k : k * columns + column)] ?? NaN
      sum += left * right
    }
    return sum
  })
}

/** Calls back for every (output element, input element, kernel element) of a convolution of x into y. */
function eachProduct(
  geometry: Extract<Value, { op: 'convolution' | 'convolution_input_gradient' }>,
  [x, kernel, y]: [Shape, Shape, Shape],
  visit: (y: number, x: number, kernel: number) => void,
): void {
  const window = kernel.slice(0, -2)
  const channels = kernel.at(-2) ?? 0
  const filters = kernel.at(-1) ?? 0
  for (let position = 0; position < sizeOf(y); position++) {
    const index = indexOf(position, y)
    const filter = index.at(-1) ?? 0
    const group = Math.floor(filter / (filters / geometry.groups))
    for (let k = 0; k < sizeOf(window); k++) {
      const tap = indexOf(k, window)
      const spatial = tap.map(
        (at, i) =>
          (index[i + 1] ?? 0) * (geometry.strides[i] ?? 1) +
          at * (geometry.dilation[i] ?? 1) -
          (geometry.padding[i]?.[0] ?? 0),
      )
      if (spatial.some((at, i) => at < 0 || at >= (x[i + 1] ?? 0))) continue
      for (let channel = 0; channel < channels; channel++) {
        const source = offset([index[0] ?? 0, ...spatial, group * channels + channel], x)
        visit(position, source, offset([...tap, channel, filter], kernel))
      }
    }
  }
}

function convolution(value: Extract<Value, { op: 'convolution' }>, x: Elements, kernel: Elements): Elements {
  const result = new Float64Array(sizeOf(value.shape))
  eachProduct(value, [value.x.shape, value.kernel.shape, value.shape], (y, source, k) => {
    result[y] = (result[y] ?? 0) + (x[source] ?? NaN) * (kernel[k] ?? NaN)
  })
  return result
}

function convolutionInputGradient(
  value: Extract<Value, { op: 'convolution_input_gradient' }>,
  dy: Elements,
  kernel: Elements,
): Elements {
  const result = new Float64Array(sizeOf(value.shape))
  eachProduct(value, [value.shape, value.kernel.shape, value.dy.shape], (y, source, k) => {
    result[source] = (result[source] ?? 0) + (dy[y] ?? NaN) * (kernel[k] ?? NaN)
  })
  return result
}

function pool(value: Extract<Value, { op: 'pool' }>, x: Elements): Elements {
  const { shape } = value.x
  return mapIndex(value.shape, (index) => {
    const inside: number[] = []
    for (let k = 0; k < sizeOf(value.size); k++) {
      const spatial = indexOf(k, value.size).map(
        (at, i) => (index[i + 1] ?? 0) * (value.strides[i] ?? 1) + at - (value.padding[i]?.[0] ?? 0),
      )
      if (spatial.some((at, i) => at < 0 || at >= (shape[i + 1] ?? 0))) continue
      inside.push(x[offset([index[0] ?? 0, ...spatial, index.at(-1) ?? 0], shape)] ?? NaN)
    }
    if (value.function === 'max') return Math.max(...inside)
    return inside.reduce((sum, element) => sum + element, 0) / inside.length
  })
}

function concat(xs: readonly Value[], axis: number, shape: Shape, read: Read): Elements {
  const result = new Float64Array(sizeOf(shape))
  const inner = sizeOf(shape.slice(axis + 1))
  const outer = sizeOf(shape.slice(0, axis))
  const stride = (shape[axis] ?? 0) * inner
  let start = 0
  for (const x of xs) {
    const chunk = (x.shape[axis] ?? 0) * inner
    const elements = read(x)
    for (let i = 0; i < outer; i++)
      result.set(elements.subarray(i * chunk, (i + 1) * chunk), i * stride + start)
    start += chunk
  }
  return result
}
