import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NativeFunctions } from '../../../src/backend/native/functions.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import type { Epilogue } from '../../../src/backend/wasm/emit/tile.ts'
import { emitMatmul, matmulScratch } from '../../../src/backend/wasm/kernels/matmul.ts'
import type { MatmulSpec } from '../../../src/backend/wasm/kernels/matmul.ts'
import { openNative } from '../../../src/engine/compiled/native.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { buffersOf, hasRelaxedSimd, randomNumbers } from '../wasm/support.ts'

type Shape = Omit<MatmulSpec, 'a' | 'b' | 'output' | 'scratch' | 'arithmetic' | 'machine'>

const plain = { batch: 1, sharedB: false, transposeA: false, transposeB: false }
const natives = (['avx2', 'avx512'] as const).map((vectors) => ({ vectors, native: openNative(vectors) }))

/** The bytes of memory after a product by some threads, in a memory that held a pattern. */
function memoryAfter(shape: Shape, threads: number, native: Native | undefined): Buffer {
  const { batch, sharedB, rows, columns, depth } = shape
  const sizes = [
    batch * rows * depth,
    (sharedB ? 1 : batch) * depth * columns,
    batch * rows * columns,
  ] as const
  const [a, b, output, scratch] = buffersOf([...sizes, 0])
  const limits = { initial: 256, maximum: 256, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const floats = new Float32Array(memory.buffer)
  floats.fill(7)
  floats.set(randomNumbers(sizes[0], 1), a / 4)
  floats.set(randomNumbers(sizes[1], 2), b / 4)
  const functions = native?.functionsOn(memory)
  const module = new ModuleBuilder()
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const machine = functions && {
    tiles: functions,
    call: module.importFunction('env', 'multiply', { params, results: [] }),
  }
  module.importMemory('env', 'memory', limits)
  const spec: MatmulSpec = { ...shape, a, b, output, scratch, arithmetic: 'fma', machine }
  const run = module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, count) =>
    emitMatmul(f, spec, { thread, threads: count }),
  )
  module.export('run', run)
  const multiply = functions && native?.load(functions).multiply()
  const env = { memory, ...(multiply && { multiply }) }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env })
  for (let thread = 0; thread < threads; thread++) instance.exports['run']?.(thread, threads)
  // What lies in scratch memory differs: only that it ends where it should.
  const used = threads * matmulScratch(spec, functions)
  floats.fill(7, scratch / 4, (scratch + used) / 4)
  return Buffer.from(floats.buffer)
}

/** Adds what lies at 8 MiB, by element, row and column. */
const epilogue: Epilogue = (f, result, at) => {
  f.get(result)
  for (const [place, factor] of [[at.element, 1] as const, [at.row, 16] as const, [at.column, 32] as const]) {
    f.get(place.local).memory('v128.load32_splat', 2 ** 23 + factor * 65536 + place.bytes)
    f.op('f32x4.add')
  }
}

const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 150 }))
const shapes = fc.record({
  batch: fc.constantFrom(1, 1, 1, 2, 3),
  sharedB: fc.boolean(),
  rows: fc.integer({ min: 12, max: 150 }),
  columns: size,
  depth: fc.oneof(size, fc.constantFrom(1031, 1100)),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

for (const { vectors, native } of natives) {
  const available = native !== undefined && hasRelaxedSimd && (vectors === 'avx2' || native.vector === 64)
  describe.skipIf(!available)(`products in ${vectors} machine code`, () => {
    it('have the bits of WebAssembly, and write nowhere else', () => {
      fc.assert(
        fc.property(shapes, fc.integer({ min: 1, max: 4 }), fc.boolean(), (shape, threads, finished) => {
          const spec = finished ? { ...shape, epilogue, loopEpilogue: epilogue } : shape
          expect(memoryAfter(spec, threads, native).equals(memoryAfter(spec, 1, undefined))).toBe(true)
        }),
        { numRuns: 60 },
      )
    })

    it.each([
      { ...plain, rows: 50, depth: 784, columns: 20 },
      { ...plain, rows: 130, depth: 70, columns: 96, transposeA: true, transposeB: true },
      { ...plain, rows: 200, depth: 300, columns: 128, transposeA: true },
      { ...plain, batch: 2, rows: 131, depth: 129, columns: 64, transposeA: true },
      { ...plain, batch: 4, rows: 50, depth: 196, columns: 20, parts: true },
      { ...plain, rows: 784, depth: 32, columns: 128, transposeA: true },
    ])('have the bits of WebAssembly: %o', (shape) => {
      const one = memoryAfter(shape, 1, undefined)
      for (const threads of [1, 2, 3]) expect(memoryAfter(shape, threads, native).equals(one)).toBe(true)
    })
  })
}

describe('machine code', () => {
  it('is made once for tiles of one kind', () => {
    const functions = new NativeFunctions(32, 0x7f00_0000_0000n)
    const run = { rows: 6, columns: 16, depth: 9, a: { row: 36, step: 4 }, b: { step: 64 }, out: { row: 64 } }
    expect(functions.functionOf({ ...run, adds: false })).toBe(0)
    expect(functions.functionOf({ ...run, adds: true })).toBe(1)
    expect(functions.functionOf({ ...run, adds: false })).toBe(0)
    expect(functions.code.entries).toHaveLength(2)
  })
})
