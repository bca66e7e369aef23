// Executes a program one element at a time in float64: slow, obvious, and the oracle of every other engine.

import { randomUniform, stream } from '../../random.ts'
import { sameShape, sizeOf } from '../ir.ts'
import type { Op, Program, Shape, Value } from '../ir.ts'
import { nameOf, regionsOf, STEP } from '../ops/scan.ts'
import { dot, map, positions, stridesOf, take } from './elements.ts'
import type { Elements } from './elements.ts'
import { BINARY, REDUCE, UNARY } from './scalar-functions.ts'
import {
  averagePoolGradient,
  convolution,
  convolutionInputGradient,
  convolutionKernelGradient,
  maxPoolGradient,
  pool,
} from './windows.ts'
import { mapFloat64 } from '../../float-arrays.ts'

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
  for (const value of program.values) results.set(value, evaluate(value, { read, inputs, seed }))
  return new Map([...program.outputs].map(([name, value]) => [name, read(value)]))
}

type Interpretation = {
  readonly read: (value: Value) => Elements
  readonly inputs: ReadonlyMap<string, ArrayLike<number>>
  readonly seed: number
}

function evaluate<K extends Op>(value: Value<K>, execution: Interpretation): Elements {
  return EVALUATE[value.op](value, execution)
}

/** The elements of a value of each op. */
const EVALUATE: { readonly [K in Op]: (value: Value<K>, execution: Interpretation) => Elements } = {
  input({ name, shape }, { inputs }) {
    const elements = inputs.get(name)
    if (elements?.length !== sizeOf(shape)) {
      throw new Error(`input ${name}: ${elements?.length ?? 'no'} elements for shape [${shape.join(', ')}]`)
    }
    return Float64Array.from(elements)
  },
  constant: ({ data }) => Float64Array.from(data),
  unary: ({ function: name, x }, { read }) => map(read(x), UNARY[name]),
  binary(value, { read }) {
    const apply = BINARY[value.function]
    const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
    return map(a, (x, i) => apply(x, b[i] ?? NaN))
  },
  select(value, { read }) {
    const [a, b] = [broadcast(value.a, value.shape, read), broadcast(value.b, value.shape, read)]
    const condition = broadcast(value.condition, value.shape, read)
    return map(condition, (test, i) => (test !== 0 ? a[i] : b[i]) ?? NaN)
  },
  reduce,
  argmax,
  matmul,
  convolution: (value, { read }) => convolution(value, read(value.x), read(value.kernel)),
  convolution_input_gradient: (value, { read }) =>
    convolutionInputGradient(value, read(value.dy), read(value.kernel)),
  convolution_kernel_gradient: (value, { read }) =>
    convolutionKernelGradient(value, read(value.x), read(value.dy)),
  pool: (value, { read }) => pool(value, read(value.x)),
  max_pool_gradient: (value, { read }) =>
    maxPoolGradient(value, read(value.x), read(value.y), read(value.dy)),
  average_pool_gradient: (value, { read }) => averagePoolGradient(value, read(value.dy)),
  gather(value, { read }) {
    const row = sizeOf(value.x.shape.slice(1))
    const [x, indices] = [read(value.x), read(value.indices)]
    const result = new Float64Array(sizeOf(value.shape))
    indices.forEach((index, i) => result.set(x.subarray(index * row, (index + 1) * row), i * row))
    return result
  },
  scatter_add(value, { read }) {
    const row = sizeOf(value.shape.slice(1))
    const [updates, indices] = [read(value.updates), read(value.indices)]
    const result = new Float64Array(sizeOf(value.shape))
    updates.forEach((update, i) => {
      const at = (indices[Math.floor(i / row)] ?? NaN) * row + (i % row)
      result[at] = (result[at] ?? NaN) + update
    })
    return result
  },
  slice({ x, starts, shape }, { read }) {
    const strides = stridesOf(x.shape)
    return take(read(x), positions(shape, strides, dot(starts, strides)))
  },
  take({ x, index, axis, shape }, { read }) {
    const strides = stridesOf(x.shape)
    const [at = NaN] = read(index)
    return take(read(x), positions(shape, strides.toSpliced(axis, 1), at * (strides[axis] ?? 0)))
  },
  pad({ x, padding, shape, value }, { read }) {
    const result = new Float64Array(sizeOf(shape)).fill(value)
    const strides = stridesOf(shape)
    const before = padding.map(([first]) => first)
    const at = positions(x.shape, strides, dot(before, strides))
    read(x).forEach((element, i) => (result[at[i] ?? NaN] = element))
    return result
  },
  concat,
  transpose({ x, permutation, shape }, { read }) {
    const strides = stridesOf(x.shape)
    const moved = permutation.map((axis) => strides[axis] ?? 0)
    return take(read(x), positions(shape, moved))
  },
  reverse({ x, axis, shape }, { read }) {
    const strides = stridesOf(shape)
    const stride = strides[axis] ?? 0
    const last = ((shape[axis] ?? 1) - 1) * stride
    return take(read(x), positions(shape, strides.with(axis, -stride), last))
  },
  reshape: ({ x }, { read }) => read(x),
  broadcast: ({ x, shape }, { read }) => broadcast(x, shape, read),
  cast: ({ x, dtype }, { read }) => (dtype === 'i32' ? map(read(x), Math.trunc) : read(x)),
  iota({ shape, axis }) {
    const strides = shape.map((_, i) => (i === axis ? 1 : 0))
    return Float64Array.from(positions(shape, strides))
  },
  random(value, { read, seed }) {
    const [counter = 0] = read(value.counter)
    const rows = value.rows && [...read(value.rows)]
    return Float64Array.from(randomUniform(stream(seed, value.stream), counter, sizeOf(value.shape), rows))
  },
  stop_gradient: ({ x }, { read }) => read(x),
  scan,
}

function broadcast(x: Value, shape: Shape, read: Interpretation['read']): Elements {
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

function reduce({ function: name, x, axes }: Value<'reduce'>, { read }: Interpretation): Elements {
  const elements = read(x)
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const strides = stridesOf(kept).map((stride, axis) => (axes.includes(axis) ? 0 : stride))
  const { start, step } = REDUCE[name]
  const result = new Float64Array(sizeOf(kept)).fill(start)
  positions(x.shape, strides).forEach((at, i) => {
    result[at] = step(result[at] ?? NaN, elements[i] ?? NaN)
  })
  return result
}

function argmax({ x, axis }: Value<'argmax'>, { read }: Interpretation): Elements {
  const elements = read(x)
  const stride = stridesOf(x.shape)[axis] ?? 1
  const first = positions(x.shape.toSpliced(axis, 1), stridesOf(x.shape).toSpliced(axis, 1))
  return mapFloat64(first, (start) => {
    const along = Array.from({ length: x.shape[axis] ?? 1 }, (_, i) => elements[start + i * stride] ?? NaN)
    return along.indexOf(Math.max(...along))
  })
}

function matmul(value: Value<'matmul'>, { read }: Interpretation): Elements {
  if (value.stacked) return stackedProduct(value, value.stacked.axes, read)
  const [a, b] = [read(value.a), read(value.b)]
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

/** The sum of the products of stacked matrices, of which the first is transposed. */
function stackedProduct(
  { a, b, shape }: Value<'matmul'>,
  [axisA, axisB]: readonly [number, number],
  read: Interpretation['read'],
): Elements {
  const [x, y] = [read(a), read(b)]
  const [rows = 0, columns = 0] = shape
  const [steps, depth] = [a.shape[axisA] ?? 0, a.shape[1 - axisA] ?? 0]
  const at = (axis: number, step: number, k: number): number =>
    axis === 0 ? step * depth + k : k * steps + step
  const result = new Float64Array(sizeOf(shape))
  for (let step = 0; step < steps; step++)
    for (let k = 0; k < depth; k++)
      for (let i = 0; i < result.length; i++) {
        const left = x[at(axisA, step, k) * rows + Math.floor(i / columns)] ?? NaN
        const right = y[at(axisB, step, k) * columns + (i % columns)] ?? NaN
        result[i] = (result[i] ?? NaN) + left * right
      }
  return result
}

function scan(value: Value<'scan'>, { read, seed }: Interpretation): Elements {
  const { body, steps, reverse, axes } = value
  const { finals, stacks } = regionsOf(value)
  const flat = new Float64Array(sizeOf(value.shape))
  const captured = value.captured.map((x, n) => [nameOf('captured', n), read(x)] as const)
  let states = value.initial.map(read)
  for (let i = 0; i < steps; i++) {
    const step = reverse ? steps - 1 - i : i
    const given = states.map((state, n) => [nameOf('state', n), state] as const)
    const results = interpret(body, new Map([[STEP, Float64Array.of(step)], ...captured, ...given]), seed)
    const result = (kind: 'state' | 'yield', n: number): Elements =>
      results.get(nameOf(kind, n)) ?? new Float64Array()
    states = states.map((_, n) => result('state', n))
    for (const [n, { offset, shape }] of stacks.entries()) {
      const axis = axes[n] ?? 0
      const at = positions(shape.toSpliced(axis, 1), stridesOf(shape).toSpliced(axis, 1))
      const start = offset + step * (stridesOf(shape)[axis] ?? 0)
      result('yield', n).forEach((element, k) => (flat[start + (at[k] ?? NaN)] = element))
    }
  }
  for (const [n, { offset }] of finals.entries()) flat.set(states[n] ?? [], offset)
  return flat
}

function concat({ xs, axis, shape }: Value<'concat'>, { read }: Interpretation): Elements {
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
