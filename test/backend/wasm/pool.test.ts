import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  emitAveragePoolGradient,
  emitMaxPoolGradient,
  emitPool,
} from '../../../src/backend/wasm/kernels/pool.ts'
import type { Epilogue } from '../../../src/backend/wasm/emit/tile.ts'
import type { Pool } from '../../../src/backend/wasm/kernels/pool.ts'
import { runs } from '../../runs.ts'
import { buffersOf, compileKernel, expectClose, randomNumbers } from './support.ts'

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** For each output pixel of one image, the input pixels of its window in row-major order. */
function windowsOf({ input, output, size, strides, padding }: Pool): number[][] {
  return Array.from({ length: product(output) }, (_, index) => {
    let pixels = [0]
    let before = product(output)
    size.forEach((length, axis) => {
      before /= output[axis] ?? 1
      const at = Math.floor(index / before) % (output[axis] ?? 1)
      const start = at * (strides[axis] ?? 1) - (padding[axis]?.[0] ?? 0)
      const inside = Array.from({ length }, (_, tap) => start + tap).filter(
        (i) => i >= 0 && i < (input[axis] ?? 1),
      )
      pixels = pixels.flatMap((pixel) => inside.map((i) => pixel * (input[axis] ?? 1) + i))
    })
    return pixels
  })
}

/** Calls back for every window and channel: the index of the output and those of the inputs. */
function eachWindow(pool: Pool, visit: (output: number, inputs: number[]) => void): void {
  const windows = windowsOf(pool)
  for (let image = 0; image < pool.batch; image++) {
    windows.forEach((pixels, index) => {
      for (let channel = 0; channel < pool.channels; channel++) {
        const offset = image * product(pool.input)
        visit(
          (image * product(pool.output) + index) * pool.channels + channel,
          pixels.map((pixel) => (offset + pixel) * pool.channels + channel),
        )
      }
    })
  }
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length

/** Channels of the pool with an epilogue. */
const CHANNELS = 6

/** Adds the number of the channel, which makes lanes and places differ. */
const addColumn: Epilogue = (f, result, at) => {
  f.get(at.column.local).i32(at.column.bytes).op('i32.add').i32(4).op('i32.div_u')
  f.op('f32.convert_i32_s', 'f32x4.splat').f32x4(0, 1, 2, 3).op('f32x4.add')
  // 0, unless the places of the element, its pixel and its channel disagree.
  f.get(at.row.local).i32(at.row.bytes).op('i32.add').i32(CHANNELS).op('i32.mul')
  f.get(at.column.local).i32(at.column.bytes).op('i32.add', 'i32.add')
  f.get(at.element.local).i32(at.element.bytes).op('i32.add', 'i32.sub', 'f32.convert_i32_s', 'f32x4.splat')
  f.op('f32x4.add').get(result).op('f32x4.add')
}

function check(pool: Pool, kind: 'max' | 'average', gradient: boolean, epilogue?: Epilogue): void {
  const inputs = pool.batch * product(pool.input) * pool.channels
  const outputs = pool.batch * product(pool.output) * pool.channels
  // Few different values, so that windows hold ties.
  const x = randomNumbers(inputs, 1).map((value) => Math.round(3 * value))
  const dy = randomNumbers(outputs, 2)
  const y = new Float64Array(outputs)
  const dx = new Float64Array(inputs)
  eachWindow(pool, (output, indices) => {
    const values = indices.map((i) => x[i] ?? NaN)
    y[output] = kind === 'max' ? Math.max(...values) : mean(values)
    const first = indices[values.indexOf(Math.max(...values))] ?? NaN
    const given = dy[output] ?? NaN
    if (kind === 'max') dx[first] = (dx[first] ?? NaN) + given
    else for (const i of indices) dx[i] = (dx[i] ?? NaN) + given / indices.length
  })

  const [xAt, yAt, dyAt, dxAt, end] = buffersOf([inputs, outputs, outputs, inputs, 0])
  const kernel = compileKernel(end + 64, (f, partition) => {
    if (!gradient) emitPool(f, { pool, function: kind, x: xAt, output: yAt, epilogue }, partition)
    else if (kind === 'max')
      emitMaxPoolGradient(f, { pool, x: xAt, y: yAt, dy: dyAt, output: dxAt, epilogue }, partition)
    else emitAveragePoolGradient(f, { pool, dy: dyAt, output: dxAt, epilogue }, partition)
  })
  const [output, count, sums] = gradient ? ([dxAt, inputs, dx] as const) : ([yAt, outputs, y] as const)
  const expected = epilogue === undefined ? sums : sums.map((sum, i) => sum + (i % CHANNELS))
  kernel.floats(xAt, inputs).set(x)
  kernel.floats(dyAt, outputs).set(dy)
  if (gradient) kernel.floats(yAt, outputs).set(y)
  const run = (threads: number): Float32Array => {
    kernel.floats(output, count + 16).fill(7)
    kernel.run(threads)
    expect([...kernel.floats(output + 4 * count, 16)], 'writes past the end').toEqual(Array(16).fill(7))
    return kernel.floats(output, count).slice()
  }
  const actual = run(1)
  expectClose(
    actual,
    expected,
    expected.map((value) => 1 + Math.abs(value)),
    product(pool.size),
  )
  for (const threads of [2, 3, 4]) expect(run(threads)).toEqual(actual)
}

/** Pools of one to three axes; every window holds an element. */
const pools: fc.Arbitrary<Pool> = fc
  .integer({ min: 1, max: 3 })
  .chain((axes) => {
    const each = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
      fc.array(value, { minLength: axes, maxLength: axes })
    return fc.record({
      batch: fc.integer({ min: 1, max: 5 }),
      input: each(fc.integer({ min: 1, max: 9 })),
      channels: fc.integer({ min: 1, max: 9 }),
      size: each(fc.integer({ min: 1, max: 4 })),
      strides: each(fc.integer({ min: 1, max: 3 })),
      padding: each(fc.constantFrom([0, 0] as const, [0, 0] as const, [1, 0] as const, [1, 2] as const)),
    })
  })
  .map((pool) => ({
    ...pool,
    output: pool.input.map((length, axis) => {
      const [before, after] = pool.padding[axis] ?? [0, 0]
      return Math.floor((length + before + after - (pool.size[axis] ?? 1)) / (pool.strides[axis] ?? 1)) + 1
    }),
  }))
  .filter(
    (pool) =>
      pool.output.every((length) => length > 0) && windowsOf(pool).every((window) => window.length > 0),
  )

describe.each(['max', 'average'] as const)('%s pool', (kind) => {
  it.each([
    ['its result', false],
    ['its gradient', true],
  ])('computes %s for any window', (_, gradient) => {
    fc.assert(
      fc.property(pools, (pool) => check(pool, kind, gradient)),
      { numRuns: runs(75) },
    )
  })
})

it.each([
  ['max', false],
  ['max', true],
  ['average', false],
  ['average', true],
] as const)(
  'hands each vector of a %s pool to the epilogue with its place (gradient: %s)',
  (kind, gradient) => {
    const pool = {
      batch: 2,
      input: [4, 9],
      output: [2, 3],
      channels: CHANNELS,
      size: [2, 3],
      strides: [2, 3],
      padding: [
        [0, 0],
        [0, 0],
      ] as const,
    }
    check(pool, kind, gradient, addColumn)
  },
)

describe('max pool', () => {
  it('passes NaN on', () => {
    const pool = {
      batch: 1,
      input: [4],
      output: [2],
      channels: 1,
      size: [2],
      strides: [2],
      padding: [[0, 0]] as const,
    }
    const kernel = compileKernel(0, (f, partition) =>
      emitPool(f, { pool, function: 'max', x: 64, output: 256 }, partition),
    )
    kernel.floats(64, 4).set([1, NaN, 3, 2])
    kernel.run(1)
    expect([...kernel.floats(256, 2)]).toEqual([NaN, 3])
  })
})
