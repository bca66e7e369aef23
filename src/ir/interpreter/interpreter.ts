// Executes a program one element at a time in float64: slow, obvious, and the oracle of every other engine.

import { randomUniform, stream } from '../../random.ts'
import {
  averagePoolGradient,
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  maxPoolGradient,
  pool,
} from './windows.ts'
import { sameShape, sizeOf } from '../ir.ts'
import type { Program, ReduceFunction, Shape, Value } from '../ir.ts'
import { BINARY, REDUCE, UNARY } from '../scalar-functions.ts'

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
      return map(read(value.x), UNARY[value.function])
    case 'binary': {
      const apply = BINARY[value.function]
      const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
      return map(a, (x, i) => apply(x, b[i] ?? NaN))
    }
    case 'select': {
      const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
      const condition = broadcast(value.condition, value.shape, read)
      return map(condition, (test, i) => (test !== 0 ? a[i] : b[i]) ?? NaN)
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
    case 'convolution_kernel_gradient':
      return convolutionKernelGradient(value, read(value.x), read(value.dy))
    case 'pool':
      return pool(value, read(value.x))
    case 'max_pool_gradient':
      return maxPoolGradient(value, read(value.x), read(value.y), read(value.dy))
    case 'average_pool_gradient':
      return averagePoolGradient(value, read(value.dy))
    case 'gather': {
      const row = sizeOf(value.x.shape.slice(1))
      const [x, indices] = [read(value.x), read(value.indices)]
      const result = new Float64Array(sizeOf(value.shape))
      indices.forEach((index, i) => result.set(x.subarray(index * row, (index + 1) * row), i * row))
      return result
    }
    case 'scatter_add': {
      const row = sizeOf(value.shape.slice(1))
      const [updates, indices] = [read(value.updates), read(value.indices)]
      const result = new Float64Array(sizeOf(value.shape))
      updates.forEach((update, i) => {
        const at = (indices[Math.floor(i / row)] ?? NaN) * row + (i % row)
        result[at] = (result[at] ?? NaN) + update
      })
      return result
    }
    case 'slice': {
      const strides = stridesOf(value.x.shape)
      return take(read(value.x), positions(value.shape, strides, dot(value.starts, strides)))
    }
    case 'pad': {
      const result = new Float64Array(sizeOf(value.shape)).fill(value.value)
      const strides = stridesOf(value.shape)
      const before = value.padding.map(([first]) => first)
      const at = positions(value.x.shape, strides, dot(before, strides))
      read(value.x).forEach((element, i) => (result[at[i] ?? NaN] = element))
      return result
    }
    case 'concat':
      return concat(value.xs, value.axis, value.shape, read)
    case 'transpose': {
      const strides = stridesOf(value.x.shape)
      return take(
        read(value.x),
        positions(
          value.shape,
          value.permutation.map((axis) => strides[axis] ?? 0),
        ),
      )
    }
    case 'reverse': {
      const strides = stridesOf(value.shape)
      const stride = strides[value.axis] ?? 0
      const last = ((value.shape[value.axis] ?? 1) - 1) * stride
      return take(read(value.x), positions(value.shape, strides.with(value.axis, -stride), last))
    }
    case 'reshape':
    case 'stop_gradient':
      return read(value.x)
    case 'broadcast':
      return broadcast(value.x, value.shape, read)
    case 'cast':
      return value.dtype === 'i32' ? map(read(value.x), Math.trunc) : read(value.x)
    case 'iota':
      return Float64Array.from(
        positions(
          value.shape,
          value.shape.map((_, axis) => (axis === value.axis ? 1 : 0)),
        ),
      )
    case 'random': {
      const source = stream(seed, value.stream)
      const [counter = 0] = read(value.counter)
      const rows = value.rows && [...read(value.rows)]
      return Float64Array.from(randomUniform(source, counter, sizeOf(value.shape), rows))
    }
  }
}

function map(elements: Elements, element: (x: number, i: number) => number): Elements {
  const result = new Float64Array(elements.length)
  for (let i = 0; i < elements.length; i++) result[i] = element(elements[i] ?? NaN, i)
  return result
}

/** How far apart neighbours along each axis lie in memory. */
function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}

function dot(a: Shape, b: Shape): number {
  return a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0)
}

/** For every index [i, j, ...] of a shape, in order: start + i * strides[0] + j * strides[1] + ... */
function positions(shape: Shape, strides: Shape, start = 0): Int32Array {
  const result = new Int32Array(sizeOf(shape))
  let next = 0
  const walk = (axis: number, position: number): void => {
    const [length, stride] = [shape[axis], strides[axis] ?? 0]
    if (length === undefined) result[next++] = position
    else for (let i = 0; i < length; i++) walk(axis + 1, position + i * stride)
  }
  walk(0, start)
  return result
}

function take(elements: Elements, at: Int32Array): Elements {
  const result = new Float64Array(at.length)
  for (let i = 0; i < at.length; i++) result[i] = elements[at[i] ?? NaN] ?? NaN
  return result
}

function broadcast(x: Value, shape: Shape, read: Read): Elements {
  if (sameShape(x.shape, shape)) return read(x)
  const missing = shape.length - x.shape.length
  const strides = stridesOf(x.shape)
  return take(
    read(x),
    positions(
      shape,
      shape.map((_, axis) => (x.shape[axis - missing] === 1 ? 0 : (strides[axis - missing] ?? 0))),
    ),
  )
}

function reduce(name: ReduceFunction, x: Value, axes: Shape, elements: Elements): Elements {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride))
  const { start, step } = REDUCE[name]
  const result = new Float64Array(sizeOf(kept)).fill(start)
  positions(x.shape, strides).forEach((at, i) => {
    result[at] = step(result[at] ?? NaN, elements[i] ?? NaN)
  })
  return result
}

function argmax(x: Value, axis: number, elements: Elements): Elements {
  const stride = stridesOf(x.shape)[axis] ?? 1
  const first = positions(x.shape.toSpliced(axis, 1), stridesOf(x.shape).toSpliced(axis, 1))
  return Float64Array.from(first, (start) => {
    const along = Array.from({ length: x.shape[axis] ?? 1 }, (_, i) => elements[start + i * stride] ?? NaN)
    return along.indexOf(Math.max(...along))
  })
}

function matmul(value: Extract<Value, { op: 'matmul' }>, a: Elements, b: Elements): Elements {
  const [rows, columns] = [value.shape.at(-2) ?? 0, value.shape.at(-1) ?? 0]
  const { parts = 1 } = value
  const depth = value.a.shape.at(value.transposeA ? -2 : -1) ?? 0
  const inner = depth / parts
  const shared = value.b.shape.length === 2 && parts === 1
  const result = new Float64Array(sizeOf(value.shape))
  for (let i = 0; i < result.length; i++) {
    const matrix = Math.floor(i / (rows * columns))
    const row = Math.floor(i / columns) % rows
    const column = i % columns
    const startA = matrix * (parts === 1 ? rows * inner : inner)
    const startB = shared ? 0 : matrix * inner * columns
    let sum = 0
    for (let k = 0; k < inner; k++) {
      const left = a[startA + (value.transposeA ? k * rows + row : row * depth + k)] ?? NaN
      const right = b[startB + (value.transposeB ? column * inner + k : k * columns + column)] ?? NaN
      sum += left * right
    }
    result[i] = sum
  }
  return result
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
