import { Worker } from 'node:worker_threads'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Epilogue } from '../../../src/backend/wasm/emit/tile.ts'
import { matmulScratch, emitMatmul } from '../../../src/backend/wasm/kernels/matmul/matmul.ts'
import type { MatmulSpec } from '../../../src/backend/wasm/kernels/matmul/kernel.ts'
import { runs } from '../../runs.ts'
import { arithmetics, buffersOf, compileKernel, expectClose, randomNumbers } from './support.ts'

type Shape = Pick<
  MatmulSpec,
  'batch' | 'sharedB' | 'parts' | 'rows' | 'columns' | 'depth' | 'transposeA' | 'transposeB'
>

const plain = { batch: 1, sharedB: false, transposeA: false, transposeB: false }

function reference(
  shape: Shape,
  a: Float32Array,
  b: Float32Array,
): { sums: Float64Array; scale: Float64Array } {
  const { batch, sharedB, parts, rows, columns, depth, transposeA, transposeB } = shape
  const [matrixOfA, rowOfA] = parts ? [depth, batch * depth] : [rows * depth, depth]
  const sums = new Float64Array(batch * rows * columns)
  const scale = new Float64Array(sums.length)
  for (let m = 0; m < batch; m++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        for (let k = 0; k < depth; k++) {
          const x = a[m * matrixOfA + (transposeA ? k * rows + i : i * rowOfA + k)] ?? NaN
          const y =
            b[(sharedB ? 0 : m * depth * columns) + (transposeB ? j * depth + k : k * columns + j)] ?? NaN
          const at = (m * rows + i) * columns + j
          sums[at] = (sums[at] ?? 0) + x * y
          scale[at] = (scale[at] ?? 0) + Math.abs(x * y)
        }
      }
    }
  }
  return { sums, scale }
}

function prepare(shape: Shape, options: Partial<MatmulSpec> = {}) {
  const { batch, sharedB, rows, columns, depth } = shape
  const sizes = [
    batch * rows * depth,
    (sharedB ? 1 : batch) * depth * columns,
    batch * rows * columns,
  ] as const
  const [a, b, output, scratch] = buffersOf([...sizes, 0])
  const spec: MatmulSpec = { ...shape, a, b, output, scratch, arithmetic: 'mul_add', ...options }
  const bytes = matmulScratch(spec)
  const kernel = compileKernel(scratch + 4 * bytes + 64, (f, partition) => emitMatmul(f, spec, partition))
  const left = randomNumbers(sizes[0], 1)
  const right = randomNumbers(sizes[1], 2)
  kernel.floats(a, sizes[0]).set(left)
  kernel.floats(b, sizes[1]).set(right)
  const run = (threads: number): Float32Array => {
    kernel.floats(output, sizes[2] + 16).fill(7)
    kernel.run(threads)
    expect([...kernel.floats(output + 4 * sizes[2], 16)], 'writes past the end').toEqual(Array(16).fill(7))
    return kernel.floats(output, sizes[2]).slice()
  }
  return { run, left, right, kernel, output: [output, sizes[2]] as const }
}

function check(shape: Shape, options: Partial<MatmulSpec> = {}): void {
  const { run, left, right } = prepare(shape, options)
  const result = run(1)
  const { sums, scale } = reference(shape, left, right)
  expectClose(result, sums, scale, shape.depth)
  for (const threads of [2, 3, 4]) expect(run(threads)).toEqual(result)
}

describe.each(arithmetics)('matmul with %s', (arithmetic) => {
  it('multiplies matrices of any size, transposed or not, alone or in batches', () => {
    const size = fc.integer({ min: 1, max: 21 })
    fc.assert(
      fc.property(
        fc.record({
          batch: fc.constantFrom(1, 1, 2, 5),
          sharedB: fc.boolean(),
          rows: size,
          columns: size,
          depth: size,
          transposeA: fc.boolean(),
          transposeB: fc.boolean(),
        }),
        (shape) => check(shape, { arithmetic }),
      ),
      { numRuns: runs(100) },
    )
  })

  it.each([
    { ...plain, rows: 4, depth: 2, columns: 1 },
    { ...plain, rows: 50, depth: 784, columns: 20 },
    { ...plain, rows: 37, depth: 1100, columns: 29 },
    { ...plain, rows: 37, depth: 1100, columns: 29, transposeA: true },
    { ...plain, rows: 37, depth: 1031, columns: 29, transposeB: true },
    { ...plain, rows: 5, depth: 1031, columns: 29, transposeB: true },
    { ...plain, rows: 130, depth: 70, columns: 9, transposeA: true, transposeB: true },
    { ...plain, batch: 3, rows: 13, depth: 1200, columns: 20, sharedB: true },
    { ...plain, batch: 2, rows: 131, depth: 129, columns: 68, transposeA: true },
    { ...plain, batch: 4, rows: 50, depth: 196, columns: 20, parts: true },
    { ...plain, batch: 3, rows: 3, depth: 21, columns: 70, parts: true },
    { ...plain, batch: 2, rows: 40, depth: 17, columns: 9, parts: true },
  ])('multiplies %o', (shape) => {
    check(shape, { arithmetic })
  })
})

describe('matmul', () => {
  it.each([
    { ...plain, rows: 9, depth: 3, columns: 22 },
    { ...plain, rows: 14, depth: 1200, columns: 22 },
    { ...plain, batch: 2, rows: 5, depth: 6, columns: 3 },
    { ...plain, rows: 131, depth: 9, columns: 20 },
    { ...plain, batch: 2, rows: 200, depth: 3, columns: 64, transposeA: true },
    { ...plain, rows: 140, depth: 130, columns: 72, transposeA: true },
  ])('hands each vector to the epilogue with its place: %o', (shape) => {
    const { batch, rows, columns } = shape
    const [bias, scale, other] = [1 << 20, (1 << 20) + 4096, (1 << 20) + 8192]
    const epilogue: Epilogue = (f, result, at) => {
      f.get(result)
      f.get(at.column.local).memory('v128.load', bias + at.column.bytes)
      f.op('f32x4.add')
      f.get(at.row.local).memory('v128.load32_splat', scale + at.row.bytes)
      f.op('f32x4.mul')
      f.get(at.element.local).memory('v128.load', other + at.element.bytes)
      f.op('f32x4.add')
    }
    const { run, left, right, kernel } = prepare(shape, { epilogue, loopEpilogue: epilogue })
    const [biases, scales, others] = [
      randomNumbers(columns, 3),
      randomNumbers(batch * rows, 4),
      randomNumbers(batch * rows * columns, 5),
    ]
    kernel.floats(bias, columns).set(biases)
    kernel.floats(scale, batch * rows).set(scales)
    kernel.floats(other, others.length).set(others)
    const { sums } = reference(shape, left, right)
    const expected = sums.map((sum, i) => {
      const row = Math.floor(i / columns)
      return (sum + (biases[i % columns] ?? NaN)) * (scales[row] ?? NaN) + (others[i] ?? NaN)
    })
    expectClose(run(3), expected, sums.fill(1 + shape.depth), shape.depth)
  })

  it.each([
    { ...plain, rows: 60, depth: 300, columns: 70 },
    { ...plain, rows: 200, depth: 30, columns: 72 },
  ])('computes the same bits in workers that run side by side: %o', async (shape) => {
    const { run, kernel, output } = prepare(shape)
    const expected = run(1)
    kernel.floats(...output).fill(0)
    const source = `
      const { workerData: { module, memory, thread, threads } } = require('node:worker_threads')
      new WebAssembly.Instance(module, { env: { memory } }).exports.run(thread, threads)`
    const threads = 3
    await Promise.all(
      Array.from({ length: threads }, async (_, thread) => {
        const { module, memory } = kernel
        const worker = new Worker(source, { eval: true, workerData: { module, memory, thread, threads } })
        await new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject))
      }),
    )
    expect(kernel.floats(...output)).toEqual(expected)
  })
})
