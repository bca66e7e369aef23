import * as fc from 'fast-check'

import { Builder } from '../../src/ir/builder.ts'
import { broadcastShapes, sizeOf } from '../../src/ir/ir.ts'
import type {
  BinaryFunction,
  Operation,
  Padding,
  Program,
  ReduceFunction,
  Shape,
  UnaryFunction,
  Value,
} from '../../src/ir/ir.ts'
import { operands } from '../../src/ir/ops/index.ts'
import { print } from '../../src/ir/print.ts'
import { scan } from '../../src/ir/scan.ts'
import { randomUniform, stream } from '../../src/random.ts'

type Maker = (context: Context) => Value

/**
 * Programs of all operations, of which the last may be given. Every value lies within about [-4, 4]; the outputs are all
 * that nothing else uses.
 */
export function randomProgram({
  operations = 12,
  last,
}: { operations?: number; last?: Maker } = {}): fc.Arbitrary<Program> {
  const small = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })
  // Rows of several vectors of any machine, and some lanes more.
  const wide = fc
    .tuple(fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), fc.integer({ min: 5, max: 70 }))
    .map(([outer, columns]) => [...outer, columns])
  const lengths = fc.oneof({ arbitrary: small, weight: 2 }, { arbitrary: wide, weight: 1 })
  const instruction = fc.record({
    make: fc.constantFrom(...Object.values(MAKERS)),
    draws: fc.array(fc.nat(1000), { minLength: 10, maxLength: 10 }),
  })
  return fc
    .record({
      inputs: fc.array(lengths, { minLength: 1, maxLength: 3 }),
      instructions: fc.array(instruction, { minLength: 1, maxLength: operations }),
    })
    .map(({ inputs, instructions }) => {
      const program = build(
        inputs,
        instructions.map((each, i) =>
          last && i === instructions.length - 1 ? { ...each, make: last } : each,
        ),
      )
      return { ...program, [fc.toStringMethod]: () => print(program) }
    })
}

type Instruction = { readonly make: Maker; readonly draws: readonly number[] }

function build(inputs: readonly Shape[], instructions: readonly Instruction[]): Program {
  const b = new Builder()
  const counter = b.input('counter', [], 'i32')
  const pool = inputs.map((shape, i) => b.input(`x${i}`, shape))
  for (const { make, draws } of instructions) {
    let next = 0
    const pick = (limit: number): number => (draws[next++ % draws.length] ?? 0) % limit
    const any = (): Value => oneOf(pool, pick)
    pool.push(make({ b, pool, counter, pick, any }))
  }
  const used = new Set<Value>()
  const { values } = b.program([])
  for (const value of values) for (const operand of operands(value)) used.add(operand)
  const outputs = pool.filter((value) => !used.has(value))
  return b.program(outputs.map((value, i) => [`y${i}`, value]))
}

type Context = {
  readonly b: Builder
  readonly pool: readonly Value[]
  readonly counter: Value
  /** A number below the limit, which shrinks to 0. */
  readonly pick: (limit: number) => number
  /** An f32 value made before. */
  readonly any: () => Value
}

function oneOf<T>(list: readonly T[], pick: Context['pick']): T {
  const chosen = list[pick(list.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

/** The elements of x, repeated or cut to fill a shape. */
function shaped(b: Builder, x: Value, shape: Shape): Value {
  const [size, wanted] = [sizeOf(x.shape), sizeOf(shape)]
  const flat = b.reshape(x, [size])
  const copies = Array.from({ length: Math.ceil(wanted / size) }, () => flat)
  const enough = copies.length === 1 ? flat : b.concat(copies, 0)
  return b.reshape(b.slice(enough, [0], [wanted]), shape)
}

/** x with an axis at least, and no more than three. */
function tensor(b: Builder, x: Value): Value {
  if (x.shape.length === 0) return b.reshape(x, [1])
  return x.shape.length <= 3 ? x : b.reshape(x, [...x.shape.slice(0, 2), sizeOf(x.shape.slice(2))])
}

/** i32 of a shape, from 0 up to a limit. */
function indices({ b, any }: Context, shape: Shape, limit: number): Value {
  const wide = b.abs(b.mul(shaped(b, any(), shape), 0.77))
  return b.cast(b.min(wide, limit - 1), 'i32')
}

/** f32 that no input changes. */
function numbers({ b, counter }: Context, shape: Shape): Value {
  return b.sub(b.mul(b.random('numbers', counter, shape), 4), 2)
}

const SCALARS = [0, 1, -1, 2, 0.5, 3, -0.25]

const UNARY: Record<UnaryFunction, (b: Builder, x: Value) => Value> = {
  abs: (b, x) => b.abs(x),
  ceil: (b, x) => b.ceil(b.add(b.mul(x, 0.7), 0.3713)),
  cos: (b, x) => b.cos(x),
  erf: (b, x) => b.erf(x),
  exp: (b, x) => b.exp(b.mul(x, 0.3)),
  expm1: (b, x) => b.expm1(b.mul(x, 0.3)),
  floor: (b, x) => b.floor(b.add(b.mul(x, 0.7), 0.3713)),
  log: (b, x) => b.log(b.add(b.abs(x), 0.5)),
  log1p: (b, x) => b.log1p(b.abs(x)),
  neg: (b, x) => b.neg(x),
  relu: (b, x) => b.relu(x),
  rsqrt: (b, x) => b.rsqrt(b.add(b.abs(x), 0.5)),
  sigmoid: (b, x) => b.sigmoid(x),
  sign: (b, x) => b.sign(b.add(x, 0.3713)),
  sin: (b, x) => b.sin(x),
  softplus: (b, x) => b.softplus(b.mul(x, 0.7)),
  sqrt: (b, x) => b.sqrt(b.add(b.abs(x), 0.5)),
  square: (b, x) => b.square(b.mul(x, 0.5)),
  tanh: (b, x) => b.tanh(x),
}

const BINARY: Record<BinaryFunction, (b: Builder, x: Value, y: Value) => Value> = {
  add: (b, x, y) => b.add(b.mul(x, 0.5), b.mul(y, 0.5)),
  sub: (b, x, y) => b.mul(b.sub(x, y), 0.5),
  mul: (b, x, y) => b.mul(b.mul(x, 0.25), y),
  div: (b, x, y) => b.div(x, b.add(b.abs(y), 1)),
  max: (b, x, y) => b.max(x, y),
  min: (b, x, y) => b.min(x, y),
  pow: (b, x, y) => b.pow(b.add(b.mul(b.abs(x), 0.25), 0.5), b.mul(y, 0.25)),
  equal: (b, x, y) => b.equal(x, y),
  less: (b, x, y) => b.less(x, b.add(y, 0.3713)),
  less_equal: (b, x, y) => b.lessEqual(x, b.sub(y, 0.3713)),
}

const REDUCE: Record<ReduceFunction, (b: Builder, x: Value, axes: Shape, keep: boolean) => Value> = {
  sum: (b, x, axes, keep) => b.mean(x, axes, keep),
  max: (b, x, axes, keep) => b.reduceMax(x, axes, keep),
  min: (b, x, axes, keep) => b.reduceMin(x, axes, keep),
  prod: (b, x, axes, keep) => b.product(b.min(b.mul(x, 0.4), 1.1), axes, keep),
}

/** A value of the pool that broadcasts with the shape, or a scalar. */
function partner({ b, pool, pick }: Context, shape: Shape): Value {
  const fitting = pool.filter((value) => broadcastShapes(value.shape, shape) !== undefined)
  const small = fitting.filter((value) => sizeOf(broadcastShapes(value.shape, shape) ?? []) <= 256)
  const at = pick(small.length + SCALARS.length)
  return small[at] ?? b.constant(SCALARS[at - small.length] ?? 0)
}

/** A window over one or two spatial axes with what a convolution or a pool of it needs. */
function window({ b, any, pick }: Context, rank: 1 | 2, channels: number) {
  const each = <T>(one: (axis: number) => T): T[] => Array.from({ length: rank }, (_, axis) => one(axis))
  const size = each(() => 1 + pick(3))
  const padding: Padding = each(() => [pick(2), pick(2)] as const)
  const spatial = each((axis) => (size[axis] ?? 1) + 1 + pick(3))
  const geometry = { strides: each(() => 1 + pick(2)), padding }
  return { size, geometry, x: shaped(b, any(), [1 + pick(2), ...spatial, channels]) }
}

function convolution(context: Context) {
  const { b, any, pick } = context
  const groups = 1 + pick(2)
  const [channels, filters] = [1 + pick(2), (1 + pick(2)) * groups]
  const rank = pick(2) === 0 ? 1 : 2
  const { size, geometry, x } = window(context, rank, channels * groups)
  const dilation = size.map((length) => (length === 2 ? 1 + pick(2) : 1))
  const kernel = shaped(b, any(), [...size, channels, filters])
  const scale = 1 / (4 * sizeOf(kernel.shape))
  return { x, kernel, geometry: { ...geometry, dilation, groups }, scale }
}

function pooling(context: Context) {
  const { size, geometry, x } = window(context, context.pick(2) === 0 ? 1 : 2, 1 + context.pick(2))
  // No window lies in the padding alone.
  const padding = geometry.padding.map(([before, after], axis): [number, number] => {
    const room = (size[axis] ?? 1) - 1
    return [Math.min(before, room), Math.min(after, room)]
  })
  return { x, geometry: { ...geometry, size, padding } }
}

export const MAKERS: Record<Operation['op'], Maker> = {
  input: ({ any }) => any(),
  constant({ b, pick }) {
    if (pick(2) === 0) return b.constant(oneOf(SCALARS, pick))
    const length = 1 + pick(4)
    return b.constant(Array.from({ length }, () => pick(9) / 2 - 2))
  },
  unary: ({ b, pick, any }) => oneOf(Object.values(UNARY), pick)(b, any()),
  binary(context) {
    const { b, pick, any } = context
    const make = oneOf(Object.values(BINARY), pick)
    const x = any()
    const y = partner(context, x.shape)
    return pick(2) === 0 ? make(b, x, y) : make(b, y, x)
  },
  select(context) {
    const { b, any } = context
    const x = any()
    const condition = b.less(partner(context, x.shape), 0.3713)
    return b.select(condition, x, partner(context, broadcastShapes(condition.shape, x.shape) ?? []))
  },
  reduce({ b, pick, any }) {
    const x = any()
    const axes = x.shape.flatMap((_, axis) => (pick(2) === 0 ? [axis] : []))
    return oneOf(Object.values(REDUCE), pick)(b, x, axes, pick(2) === 0)
  },
  argmax({ b, pick, any }) {
    const x = tensor(b, any())
    return b.cast(b.argmax(x, pick(x.shape.length)), 'f32')
  },
  matmul({ b, pick, any }) {
    const [rows, inner, columns] = [1 + pick(4), 1 + pick(4), 1 + pick(4)]
    const lead = pick(2) === 0 ? [] : [1 + pick(3)]
    const [transposeA, transposeB] = [pick(2) === 1, pick(2) === 1]
    const x = shaped(b, any(), [...lead, ...(transposeA ? [inner, rows] : [rows, inner])])
    const leadY = pick(2) === 0 ? [] : lead
    const y = shaped(b, any(), [...leadY, ...(transposeB ? [columns, inner] : [inner, columns])])
    return b.mul(b.matmul(x, y, { transposeA, transposeB }), 1 / (4 * inner))
  },
  convolution(context) {
    const { x, kernel, geometry, scale } = convolution(context)
    return context.b.mul(context.b.convolution(x, kernel, geometry), scale)
  },
  convolution_input_gradient(context) {
    const { b, any } = context
    const { x, kernel, geometry, scale } = convolution(context)
    const dy = shaped(b, any(), b.convolution(x, kernel, geometry).shape)
    return b.mul(b.convolutionInputGradient(dy, kernel, x.shape, geometry), scale)
  },
  convolution_kernel_gradient(context) {
    const { b, any } = context
    const { x, kernel, geometry } = convolution(context)
    const dy = shaped(b, any(), b.convolution(x, kernel, geometry).shape)
    const scale = 1 / (4 * sizeOf(dy.shape))
    return b.mul(b.convolutionKernelGradient(x, dy, kernel.shape, geometry), scale)
  },
  pool(context) {
    const { x, geometry } = pooling(context)
    return context.b.pool(context.pick(2) === 0 ? 'max' : 'average', x, geometry)
  },
  max_pool_gradient(context) {
    const { b } = context
    const { x, geometry } = pooling(context)
    // Nothing differentiates it.
    const fixed = numbers(context, x.shape)
    const y = b.pool('max', fixed, geometry)
    const dy = numbers(context, y.shape)
    return b.mul(b.maxPoolGradient(fixed, y, dy, geometry), 0.1)
  },
  average_pool_gradient(context) {
    const { b, any } = context
    const { x, geometry } = pooling(context)
    const dy = shaped(b, any(), b.pool('average', x, geometry).shape)
    return b.mul(b.averagePoolGradient(dy, x.shape, geometry), 0.1)
  },
  gather(context) {
    const { b, pick, any } = context
    const x = tensor(b, any())
    const shape = Array.from({ length: pick(3) }, () => 1 + pick(3))
    return b.gather(x, indices(context, shape, x.shape[0] ?? 1))
  },
  scatter_add(context) {
    const { b, pick, any } = context
    const updates = tensor(b, any())
    const [length = 1] = updates.shape
    const rows = 1 + pick(4)
    return b.mul(b.scatterAdd(updates, indices(context, [length], rows), rows), 1 / length)
  },
  slice({ b, pick, any }) {
    const x = any()
    const starts = x.shape.map((length) => pick(length))
    return b.slice(
      x,
      starts,
      x.shape.map((length, axis) => 1 + pick(length - (starts[axis] ?? 0))),
    )
  },
  pad({ b, pick, any }) {
    const x = tensor(b, any())
    return b.pad(
      x,
      x.shape.map(() => [pick(3), pick(2)] as const),
      oneOf(SCALARS, pick),
    )
  },
  concat({ b, pick, any, pool }) {
    const x = tensor(b, any())
    const axis = pick(x.shape.length)
    const fits = (y: Value): boolean =>
      y.shape.length === x.shape.length && y.shape.every((length, i) => i === axis || length === x.shape[i])
    return b.concat([x, ...pool.filter(fits).slice(0, 1 + pick(2))], axis)
  },
  transpose({ b, pick, any }) {
    const x = any()
    const axes = x.shape.map((_, axis) => axis)
    const permutation = x.shape.map(() => axes.splice(pick(axes.length), 1)[0] ?? 0)
    return b.transpose(x, permutation)
  },
  reverse({ b, pick, any }) {
    const x = tensor(b, any())
    return b.reverse(x, pick(x.shape.length))
  },
  reshape({ b, pick, any }) {
    const x = any()
    const at = pick(x.shape.length + 1)
    return pick(2) === 0 ? b.reshape(x, x.shape.toSpliced(at, 0, 1)) : b.reshape(x, [sizeOf(x.shape)])
  },
  broadcast({ b, pick, any }) {
    const x = any()
    const lead = x.shape.length < 4 ? [1 + pick(3)] : []
    return b.broadcast(x, [...lead, ...x.shape.map((length) => (length === 1 ? 1 + pick(3) : length))])
  },
  cast: ({ b, any }) => b.cast(b.cast(b.add(any(), 0.3713), 'i32'), 'f32'),
  iota({ b, pick }) {
    const shape = [1 + pick(3), 1 + pick(4)]
    const count = b.iota(shape, pick(2), pick(2) === 0 ? 'f32' : 'i32')
    return b.cast(count, 'f32')
  },
  random({ b, pick, counter }) {
    const shape = [1 + pick(3), 1 + pick(3)]
    return b.random(
      `stream${pick(2)}`,
      counter,
      shape,
      pick(2) === 0 ? undefined : b.iota(shape.slice(0, 1), 0, 'i32'),
    )
  },
  take(context) {
    const { b, pick, any } = context
    const x = tensor(b, any())
    const axis = pick(x.shape.length)
    return b.take(x, indices(context, [], x.shape[axis] ?? 1), axis)
  },
  scan(context) {
    const { b, pick, any, counter } = context
    const [steps, axis] = [1 + pick(4), pick(2)]
    const sequence = shaped(b, any(), [2, 3].toSpliced(axis, 0, steps))
    const initial = Array.from({ length: 1 + pick(2) }, () => shaped(b, any(), [2, 1 + pick(3)]))
    const { finals, stacks } = scan(b, { steps, reverse: pick(2) === 1 }, initial, (body, step, states) => {
      const pool = [...states, body.take(sequence, step, axis), any()]
      const inside = { b: body, pool, counter, pick, any: () => oneOf(pool, pick) }
      const makers = Object.values(MAKERS).filter((make) => make !== MAKERS.scan)
      for (let left = 1 + pick(4); left > 0; left--) pool.push(oneOf(makers, pick)(inside))
      return {
        states: states.map(({ shape }) => shaped(body, inside.any(), shape)),
        yields: pool.slice(-1 - pick(2)).map((value) => ({ value, axis: pick(1 + value.shape.length) })),
      }
    })
    return b.concat(
      [...finals, ...stacks].map((x) => b.reshape(x, [sizeOf(x.shape)])),
      0,
    )
  },
  // Of what depends on no input: a central difference does not stop.
  stop_gradient: (context) => context.b.stopGradient(numbers(context, [1 + context.pick(4)])),
}

/** Numbers for every input of a program of `randomProgram`. */
export function inputsOf(program: Program, seed = 0): Map<string, Float32Array> {
  return new Map(
    [...program.inputs].map(([name, { shape, dtype }]) => {
      const numbers = randomUniform(stream(seed, name), 0, sizeOf(shape))
      return [name, dtype === 'i32' ? numbers.map(() => 7) : numbers.map((x) => 4 * x - 2)]
    }),
  )
}
