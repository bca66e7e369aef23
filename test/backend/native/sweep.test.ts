// Expressions of a product's result in machine code, beside WebAssembly alone.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { compile } from '../../../src/backend/wasm/module.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { Builder } from '../../../src/ir/builder.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import { runs } from '../../runs.ts'
import { hasRelaxedSimd, randomNumbers } from '../wasm/support.ts'
import { nativeFor, vectorNames } from './natives.ts'

const UNARY = ['abs', 'neg', 'relu', 'rsqrt', 'sqrt', 'square', 'exp', 'log1p', 'sigmoid', 'tanh', 'erf', 'ceil'] as const // prettier-ignore
const BINARY = ['add', 'sub', 'mul', 'div', 'equal', 'less', 'less_equal', 'max'] as const
const SPECIAL = [0, -0, Infinity, -Infinity, NaN, 1e-40, -1e-40, 3e38]

/** An operation on values by their place, from the last one back. */
type Operation = {
  readonly name: (typeof UNARY | typeof BINARY)[number] | 'select'
  readonly back: readonly number[]
}

const operations = fc.array(
  fc.record({
    name: fc.constantFrom(
      ...UNARY.slice(0, -1),
      ...BINARY.slice(0, -1),
      'select' as const,
      ...UNARY,
      ...BINARY,
    ),
    back: fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9)),
  }),
  { minLength: 1, maxLength: 9 },
)

const networks = fc.record({
  rows: fc.integer({ min: 12, max: 60 }),
  columns: fc.constantFrom(5, 16, 20, 32, 50, 64, 71, 100, 128),
  depth: fc.integer({ min: 60, max: 80 }),
  transposeA: fc.boolean(),
  operations,
})
type Network = {
  readonly operations: readonly Operation[]
  readonly transposeA: boolean
} & Readonly<Record<'rows' | 'columns' | 'depth', number>>

/** Of a product and operands of all its shapes, a number among them; the last values are outputs. */
function programOf({ rows, columns, depth, transposeA, operations }: Network): Program {
  const b = new Builder()
  const a = b.input('a', transposeA ? [depth, rows] : [rows, depth])
  const product = b.matmul(a, b.input('b', [depth, columns]), { transposeA })
  const values: Value[] = [
    b.constant(0.25),
    b.input('one', [1, 1]),
    b.input('row', [rows, 1]),
    b.input('column', [columns]),
    b.input('element', [rows, columns]),
    product,
  ]
  for (const { name, back } of operations) {
    const [x = product, y = product, z = product] = back.map((n) => values.at(-1 - (n % values.length)))
    const result = apply(b, name, x, y, z)
    values.push(result)
  }
  const outputs = values.slice(6).filter(({ shape }) => sizeOf(shape) === rows * columns)
  return b.program([
    ['result', b.add(product, values.at(-1) ?? product)],
    ...outputs.slice(-2).map((value, i) => [`${i}`, value] as const),
  ])
}

function apply(b: Builder, name: Operation['name'], x: Value, y: Value, z: Value): Value {
  if (name === 'select') return b.select(x, y, z)
  const unary = UNARY.find((known) => known === name)
  if (unary !== undefined) return b[unary](x)
  return name === 'less_equal'
    ? b.lessEqual(x, y)
    : b[BINARY.filter((known) => known !== 'less_equal').find((known) => known === name) ?? 'add'](x, y)
}

/** Of numbers that lie side by side, some of them whole results; the last values are outputs. */
function flatProgramOf(size: number, operations: readonly Operation[]): Program {
  const b = new Builder()
  const [element, other] = [b.input('element', [size]), b.input('column', [size])]
  const values: Value[] = [b.constant(0.25), b.input('one', [1]), b.reshape(other, [size]), element]
  for (const { name, back } of operations) {
    const [x = element, y = element, z = element] = back.map((n) => values.at(-1 - (n % values.length)))
    values.push(apply(b, name, x, y, z))
  }
  const outputs = values.slice(4).filter(({ shape }) => sizeOf(shape) === size)
  return b.program([
    ['result', b.add(other, values.at(-1) ?? other)],
    ...outputs.slice(-2).map((value, i) => [`${i}`, value] as const),
  ])
}

/** Of parts of tensors whose rows lie apart, in any order of rows; the last values are outputs. */
function partsProgramOf({ rows, columns, operations }: Omit<Network, 'depth' | 'transposeA'>): Program {
  const b = new Builder()
  const [wide, deep] = [b.input('element', [rows, 3 * columns]), b.input('column', [rows, 5, columns])]
  const index = b.cast(b.input('index', [1]), 'i32')
  const values: Value[] = [
    b.constant(0.25),
    b.slice(wide, [0, 0], [rows, columns]),
    b.reverse(b.slice(wide, [0, 2 * columns], [rows, columns]), 0),
    b.reshape(b.take(deep, b.reshape(index, []), 1), [rows, columns]),
    b.slice(wide, [0, columns], [rows, columns]),
  ]
  for (const { name, back } of operations) {
    const [x = wide, y = wide, z = wide] = back.map((n) => values.at(-1 - (n % values.length)))
    values.push(apply(b, name, x, y, z))
  }
  const outputs = values.slice(1).filter(({ shape }) => sizeOf(shape) === rows * columns)
  return b.program(outputs.slice(-3).map((value, i) => [`${i}`, value] as const))
}

type Sums = { readonly operations: readonly Operation[] } & Readonly<
  Record<'outer' | 'rows' | 'columns', number>
>

/** Sums down the columns of matrices, and what is made of them; a value on the way is an output, too. */
function sumsProgramOf({ outer, rows, columns, operations }: Sums): Program {
  const b = new Builder()
  const element = b.input('element', [outer, rows, columns])
  const column = b.input('column', [columns])
  const values: Value[] = [b.constant(0.25), b.input('row', [outer, rows, 1]), column, element]
  for (const { name, back } of operations) {
    const [x = element, y = element, z = element] = back.map((n) => values.at(-1 - (n % values.length)))
    values.push(apply(b, name, x, y, z))
  }
  const whole = values.slice(3).filter(({ shape }) => sizeOf(shape) === outer * rows * columns)
  const [last = element, other = element] = whole.toReversed()
  const [sum, another] = [b.sum(last, [1]), b.sum(other, [1])]
  return b.program([
    ['last', last],
    ['sum', b.mul(b.add(sum, column), b.constant(0.25))],
    ['another', another],
  ])
}

/** The outputs of a program, and the functions of machine code that it calls. */
function resultsOf(program: Program, native: Native | undefined) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 256, shared: true })
  const machine = native?.functionsOn(memory)
  const { bytes, buffers, constants, memoryBytes } = compile(program, { arithmetic: 'fma', seed: 1, machine })
  memory.grow(Math.ceil(memoryBytes / 65536))
  const floats = (offset: number, length: number) => new Float32Array(memory.buffer, offset, length)
  for (const { offset, data } of constants) floats(offset, data.length).set(data)
  for (const [name, { shape }] of program.inputs) {
    const numbers = randomNumbers(sizeOf(shape), name.length)
    if (name === 'element' || name === 'column')
      SPECIAL.forEach((x, i) => (numbers[(3 * i) % numbers.length] = x))
    if (name === 'index') numbers.fill(3)
    const buffer = buffers.get(name)
    if (buffer) floats(buffer.offset, numbers.length).set(numbers)
  }
  const multiply = machine && native?.load(machine).multiply()
  const env = { memory, ...(multiply && { multiply }) }
  new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports['run']?.(0, 1)
  const results = [...program.outputs].map(([name, { shape }]) => {
    const { offset = 0 } = buffers.get(name) ?? {}
    return Buffer.from(floats(offset, sizeOf(shape)).slice().buffer)
  })
  return { results, functions: machine?.code.entries.length ?? 0 }
}

describe.each(vectorNames)('expressions in %s machine code', (vectors) => {
  const native = nativeFor(vectors)
  const missing = native === undefined || !hasRelaxedSimd

  /** Compares programs with WebAssembly alone; returns the functions of machine code that all of them call. */
  function functionsOfEqual<T>(
    inputs: fc.Arbitrary<T>,
    build: (input: T) => Program,
    numRuns: number,
  ): number {
    let functions = 0
    fc.assert(
      fc.property(inputs, (input) => {
        const program = build(input)
        const found = resultsOf(program, native)
        expect(found.results).toEqual(resultsOf(program, undefined).results)
        functions += found.functions
      }),
      { numRuns },
    )
    return functions
  }

  it.skipIf(missing)('have the bits of WebAssembly', () => {
    functionsOfEqual(networks, programOf, runs(15))
  })

  it.skipIf(missing)('have the bits of WebAssembly along numbers that lie side by side', () => {
    const lines = fc.tuple(fc.integer({ min: 2048, max: 2600 }), operations)
    functionsOfEqual(lines, ([size, list]) => flatProgramOf(size, list), runs(15))
  })

  it.skipIf(missing)('have the bits of WebAssembly along rows that lie apart', () => {
    const parts = fc.record({
      rows: fc.integer({ min: 12, max: 60 }),
      columns: fc.constantFrom(5, 16, 32, 50, 64, 71, 100, 128),
      operations,
    })
    expect(functionsOfEqual(parts, partsProgramOf, runs(30))).toBeGreaterThan(20)
  })

  it.skipIf(missing)('have the bits of WebAssembly where columns are added up', () => {
    const sums = fc.record({
      outer: fc.constantFrom(1, 2, 3),
      rows: fc.integer({ min: 128, max: 300 }),
      columns: fc.constantFrom(32, 48, 64, 71, 100, 272, 300),
      operations,
    })
    expect(functionsOfEqual(sums, sumsProgramOf, runs(30))).toBeGreaterThan(10)
  })

  it.skipIf(missing)('add up columns of many numbers', () => {
    const functions = (rows: number, columns: number, ...names: Operation['name'][]): number => {
      const operations = names.map((name) => ({ name, back: [0, 0, 0] }))
      return resultsOf(sumsProgramOf({ outer: 1, rows, columns, operations }), native).functions
    }
    expect(functions(256, 32, 'relu')).toBe(1)
    expect(functions(255, 32, 'relu') + functions(1000, 24, 'relu') + functions(256, 32, 'ceil')).toBe(0)
  })

  it.skipIf(missing)('run along many numbers that lie side by side', () => {
    const functions = (size: number, name: 'relu' | 'ceil'): number =>
      resultsOf(flatProgramOf(size, [{ name, back: [0, 0, 0] }]), native).functions
    expect(functions(2048, 'relu')).toBe(1)
    expect([functions(2047, 'relu'), functions(2048, 'ceil')]).toEqual([0, 0])
  })

  it.skipIf(missing)('are made for the functions that a machine knows', () => {
    const functions = (name: 'relu' | 'ceil'): number => {
      const operations = [{ name, back: [0] }]
      const network = { rows: 40, columns: 64, depth: 64, transposeA: false, operations }
      return resultsOf(programOf(network), native).functions
    }
    expect(functions('relu')).toBe(functions('ceil') + 1)
  })
})
