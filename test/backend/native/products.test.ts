import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NativeFunctions } from '../../../src/backend/native/functions.ts'
import type { ElementProgram, ElementStep } from '../../../src/backend/plan/element-program.ts'
import { isProduct } from '../../../src/backend/plan/products.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import type { FunctionBuilder } from '../../../src/backend/wasm/assembler/function-builder.ts'
import type { Epilogue } from '../../../src/backend/wasm/emit/tile.ts'
import type { Partition } from '../../../src/backend/wasm/emit/partition.ts'
import { emitMatmul, matmulScratch } from '../../../src/backend/wasm/kernels/matmul/matmul.ts'
import type { ImportedMachine } from '../../../src/backend/wasm/kernels/machine.ts'
import type { MatmulSpec } from '../../../src/backend/wasm/kernels/matmul/kernel.ts'
import { emitProduct, productScratch } from '../../../src/backend/wasm/kernels/products.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { Builder } from '../../../src/ir/builder.ts'
import type { Value } from '../../../src/ir/ir.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import { operands } from '../../../src/ir/ops/index.ts'
import { runs } from '../../runs.ts'
import { buffersOf, hasRelaxedSimd, randomNumbers } from '../wasm/support.ts'
import { nativeFor, vectorNames } from './natives.ts'

type Matrices = Omit<MatmulSpec, 'a' | 'b' | 'output' | 'scratch' | 'arithmetic' | 'machine'>

/** A kernel over two operands of so many numbers each. */
type Kernel = {
  readonly sizes: readonly [a: number, b: number, output: number]
  readonly scratch: (machine: ImportedMachine | undefined) => number
  readonly emit: (
    f: FunctionBuilder,
    places: { a: number; b: number; output: number; scratch: number; machine: ImportedMachine | undefined },
    partition: Partition,
  ) => void
}

const plain = { batch: 1, sharedB: false, transposeA: false, transposeB: false }
const natives = vectorNames.map((vectors) => ({ vectors, native: nativeFor(vectors) }))

const EPILOGUE = 2 ** 23

/** Numbers all over a memory of 16 MiB, which show what a kernel writes where it should not. */
const PATTERN = Float32Array.from({ length: 2 ** 22 }, (_, i) => (4 * i < EPILOGUE ? 7 : i % 509))

const limits = { initial: 256, maximum: 256, shared: true } as const
const memories = {
  native: new WebAssembly.Memory(limits),
  wasm: new WebAssembly.Memory(limits),
}

/** The numbers in a memory after a kernel ran on some threads; before, they were a pattern. */
function memoryAfter(kernel: Kernel, threads: number, native: Native | undefined): Float32Array {
  const [a, b, output, scratch] = buffersOf([...kernel.sizes, 0])
  const memory = memories[native ? 'native' : 'wasm']
  const floats = new Float32Array(memory.buffer)
  floats.set(PATTERN)
  floats.set(randomNumbers(kernel.sizes[0], 1), a / 4)
  floats.set(randomNumbers(kernel.sizes[1], 2), b / 4)
  const functions = native?.functionsOn(memory)
  const module = new ModuleBuilder()
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const machine = functions && {
    tiles: functions,
    call: module.importFunction('env', 'multiply', { params, results: [] }),
  }
  module.importMemory('env', 'memory', limits)
  const run = module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, count) =>
    kernel.emit(f, { a, b, output, scratch, machine }, { thread, threads: count }),
  )
  module.export('run', run)
  const multiply = functions && native?.load(functions).multiply()
  const env = { memory, ...(multiply && { multiply }) }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env })
  for (let thread = 0; thread < threads; thread++) instance.exports['run']?.(thread, threads)
  // What lies in scratch memory differs: only that it ends where it should.
  floats.fill(7, scratch / 4, (scratch + threads * kernel.scratch(machine)) / 4)
  return floats
}

function matmul(shape: Matrices): Kernel {
  const { batch, sharedB, rows, columns, depth } = shape
  return {
    sizes: [batch * rows * depth, (sharedB ? 1 : batch) * depth * columns, batch * rows * columns],
    scratch: (machine) => matmulScratch(shape, machine?.tiles),
    emit(f, places, partition) {
      const elementProgram = shape.loopEpilogue && elementProgramFor(places.output, columns)
      emitMatmul(f, { ...shape, ...places, elementProgram, arithmetic: 'fma' }, partition)
    },
  }
}

function product(make: (b: Builder) => Value, finished: boolean): Kernel {
  const value = make(new Builder())
  if (!isProduct(value)) throw new Error('this is no product')
  const [first, second] = operands(value)
  return {
    sizes: [sizeOf(first?.shape ?? []), sizeOf(second?.shape ?? []), sizeOf(value.shape)],
    scratch: (machine) => productScratch(value, { arithmetic: 'fma', machine }),
    emit(f, { a, b, ...places }, partition) {
      const addressOf = (operand: Value): number => (operand === first ? a : b)
      const elementProgram = elementProgramFor(places.output, value.shape.at(-1) ?? 1)
      const epilogues = finished && { epilogue, loopEpilogue: epilogue, elementProgram }
      emitProduct(f, value, { ...places, ...epilogues, addressOf, arithmetic: 'fma' }, partition)
    },
  }
}

type Images = Partial<
  Readonly<Record<'batch' | 'height' | 'width' | 'channels' | 'filters' | 'groups', number>>
> & {
  readonly size?: readonly [number, number]
  readonly stride?: number
  readonly dilation?: number
  readonly padding?: number
}

/** A convolution, 3x3 unless given, and its gradients; `finished`: with an epilogue, which gradients of kernels have not. */
function convolutions(images: Images, finished = false): Kernel[] {
  const { batch = 2, height = 8, width = height, channels = 16, filters = 16, groups = 1 } = images
  const { size = [3, 3], stride = 1, dilation = 1, padding = 1 } = images
  const around = [padding, padding] as const
  const geometry = {
    strides: [stride, stride],
    dilation: [dilation, dilation],
    padding: [around, around],
    groups,
  }
  const outputs = (length: number, taps: number): number =>
    Math.floor((length + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1
  const [x, kernel, y] = [
    [batch, height, width, channels],
    [...size, channels / groups, filters],
    [batch, outputs(height, size[0]), outputs(width, size[1]), filters],
  ]
  return [
    product((b) => b.convolution(b.input('x', x), b.input('kernel', kernel), geometry), finished),
    product(
      (b) => b.convolutionInputGradient(b.input('dy', y), b.input('kernel', kernel), x, geometry),
      finished,
    ),
    product((b) => b.convolutionKernelGradient(b.input('x', x), b.input('dy', y), kernel, geometry), false),
  ]
}

const ADDENDS = [
  { along: 'element', address: EPILOGUE + 2 ** 16 },
  { along: 'row', address: EPILOGUE + 2 ** 20 },
  { along: 'column', address: EPILOGUE + 2 ** 21 },
] as const

/** Adds what lies there, by element, row and column. */
const epilogue: Epilogue = (f, result, at) => {
  f.get(result)
  for (const { along, address } of ADDENDS) {
    const { local, bytes } = at[along]
    f.get(local).memory(along === 'row' ? 'v128.load32_splat' : 'v128.load', address + bytes)
    f.op('f32x4.add')
  }
}

/** The same for a machine. */
function elementProgramFor(output: number, columns: number): ElementProgram {
  const element = { row: columns, column: 1 } as const
  const places = { element, row: { row: 1, column: 0 }, column: { row: 0, column: 1 } } as const
  const steps = ADDENDS.flatMap(({ along, address }, i): ElementStep[] => [
    { kind: 'load', place: places[along], address },
    { kind: 'binary', function: 'add', x: 2 * i, y: 2 * i + 1 },
  ])
  return { steps, stores: [{ value: steps.length, address: output, place: element }] }
}

const size = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 150 }))
const shapes = fc.record({
  batch: fc.constantFrom(1, 1, 1, 2, 3),
  sharedB: fc.boolean(),
  rows: fc.integer({ min: 1, max: 150 }),
  columns: size,
  depth: fc.oneof(size, fc.constantFrom(1031, 1100)),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
})

const images: fc.Arbitrary<Images> = fc
  .record({
    batch: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 12 }),
    width: fc.integer({ min: 1, max: 30 }),
    groups: fc.constantFrom(1, 1, 2),
    depthwise: fc.constantFrom(false, false, true),
    channels: fc.integer({ min: 1, max: 20 }),
    filters: fc.constantFrom(4, 5, 8, 11, 16, 24, 29, 32, 40, 70),
    size: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.constantFrom(1, 1, 2),
    padding: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ groups, depthwise, channels, filters, ...rest }) => ({
    ...rest,
    groups: depthwise ? filters : groups,
    channels: depthwise ? filters : groups * channels,
    filters: depthwise ? filters : groups * filters,
  }))
  .filter(({ height, width, size, dilation, padding }) =>
    [height, width].every((length, axis) => length + 2 * padding > dilation * ((size[axis] ?? 1) - 1)),
  )

for (const { vectors, native } of natives) {
  const available = native !== undefined && hasRelaxedSimd
  const expectSame = (kernel: Kernel, threads: number): void => {
    expect(memoryAfter(kernel, threads, native)).toEqual(memoryAfter(kernel, 1, undefined))
  }

  describe.skipIf(!available)(`products in ${vectors} machine code`, () => {
    it('have the bits of WebAssembly, and write nowhere else', () => {
      fc.assert(
        fc.property(shapes, fc.integer({ min: 1, max: 4 }), fc.boolean(), (shape, threads, finished) =>
          expectSame(matmul(finished ? { ...shape, epilogue, loopEpilogue: epilogue } : shape), threads),
        ),
        { numRuns: runs(20) },
      )
    })

    it.each([
      { ...plain, rows: 50, depth: 784, columns: 20 },
      { ...plain, rows: 130, depth: 70, columns: 96, transposeA: true, transposeB: true },
      { ...plain, rows: 200, depth: 300, columns: 128, transposeA: true },
      { ...plain, batch: 2, rows: 131, depth: 129, columns: 64, transposeA: true },
      { ...plain, batch: 4, rows: 50, depth: 196, columns: 20, parts: true },
      { ...plain, rows: 784, depth: 32, columns: 128, transposeA: true },
      { ...plain, rows: 390, depth: 260, columns: 1060, transposeA: true },
      { ...plain, rows: 60, depth: 130, columns: 700, transposeA: true },
      { ...plain, batch: 2, rows: 50, depth: 200, columns: 400 },
    ])('have the bits of WebAssembly: %o', (shape) => {
      expectSame(matmul(shape), 1)
      expectSame(matmul({ ...shape, epilogue, loopEpilogue: epilogue }), 3)
    })

    it('have the bits of WebAssembly: convolutions', () => {
      fc.assert(
        fc.property(
          images,
          fc.integer({ min: 0, max: 2 }),
          fc.integer({ min: 1, max: 3 }),
          fc.boolean(),
          (drawn, which, threads, finished) => {
            const kernel = convolutions(drawn, finished)[which]
            if (kernel) expectSame(kernel, threads)
          },
        ),
        { numRuns: runs(30) },
      )
    })

    it.each<Images>([
      { batch: 4, height: 8, channels: 16, filters: 24 },
      { batch: 3, height: 13, channels: 32, filters: 8 },
      { batch: 6, height: 14, channels: 8, filters: 64 },
      { batch: 17, height: 2, channels: 24, filters: 40 },
      { batch: 13, height: 4, width: 3, channels: 8, filters: 33 },
      { batch: 5, height: 1, width: 40, channels: 12, filters: 20, size: [1, 5], padding: 0 },
      { batch: 3, height: 9, channels: 20, filters: 70, size: [1, 1], padding: 0 },
      { batch: 3, height: 12, channels: 3, filters: 32, size: [5, 5], stride: 2, padding: 2 },
      { batch: 2, height: 15, channels: 16, filters: 16, size: [3, 3], dilation: 2, padding: 2 },
      { batch: 2, height: 10, channels: 32, filters: 48, groups: 2 },
      { batch: 9, height: 5, channels: 16, filters: 16, size: [5, 5], padding: 4, stride: 3 },
      { batch: 3, height: 9, channels: 40, filters: 40, groups: 40 },
      { batch: 17, height: 3, channels: 70, filters: 70, groups: 70, size: [5, 3], padding: 2, stride: 2 },
      { batch: 2, height: 12, channels: 9, filters: 9, groups: 9, dilation: 2, padding: 2 },
      { batch: 2, height: 33, channels: 64, filters: 64, groups: 64 },
      { batch: 3, height: 29, width: 20, channels: 42, filters: 42, groups: 42, size: [5, 5], padding: 3 },
      { batch: 2, height: 31, channels: 12, filters: 32, size: [4, 3], stride: 2, padding: 2 },
      { batch: 9, height: 28, width: 9, channels: 4, filters: 48, dilation: 2, padding: 3 },
    ])('have the bits of WebAssembly: convolutions of %o', (images) => {
      for (const finished of [false, true])
        for (const kernel of convolutions(images, finished)) expectSame(kernel, finished ? 2 : 1)
    })
  })
}

describe('machine code', () => {
  it('is made once for tiles of one kind', () => {
    const functions = new NativeFunctions({ vector: 32, halves: false, windows: false }, 0x7f00_0000_0000n)
    const run = { rows: 6, columns: 16, depth: 9, a: { row: 36, step: 4 }, b: { step: 64 }, out: { row: 64 } }
    expect(functions.functionOf({ ...run, adds: false })).toBe(0)
    expect(functions.functionOf({ ...run, adds: true })).toBe(1)
    expect(functions.functionOf({ ...run, adds: false })).toBe(0)
    expect(functions.code.entries).toHaveLength(2)
  })
})
