import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Arithmetic } from '../../../src/backend/plan/arithmetic.ts'
import { windowOf } from '../../../src/backend/plan/window.ts'
import type { ConvolutionWindow } from '../../../src/backend/plan/window.ts'
import { tilingOf } from '../../../src/backend/plan/winograd.ts'
import type { FunctionBuilder } from '../../../src/backend/wasm/assembler/function-builder.ts'
import type { Partition } from '../../../src/backend/wasm/emit/partition.ts'
import type { Epilogue } from '../../../src/backend/wasm/emit/tile.ts'
import {
  emitKernelGradient,
  kernelGradientScratch,
} from '../../../src/backend/wasm/kernels/convolution-kernel-gradient.ts'
import { convolution, convolutionInputGradient } from '../../../src/backend/wasm/kernels/convolution.ts'
import { emitTapSums, tapScratch } from '../../../src/backend/wasm/kernels/taps.ts'
import { emitWinograd, winogradScratch } from '../../../src/backend/wasm/kernels/winograd/convolution.ts'
import {
  emitWinogradKernelGradient,
  winogradKernelGradientScratch,
} from '../../../src/backend/wasm/kernels/winograd/kernel-gradient.ts'
import { runs } from '../../runs.ts'
import { arithmetics, buffersOf, compileKernel, expectClose, randomNumbers } from './support.ts'

type Sums = { readonly values: Float64Array; readonly scale: Float64Array; terms: number }

/** Every product of the convolution: indices into x, the kernel and y. */
function eachProduct(window: ConvolutionWindow, visit: (x: number, k: number, y: number) => void): void {
  const { batch, channels, filters, groups } = window
  const [[h = 1, w = 1], [oh = 1, ow = 1], [kh = 1, kw = 1]] = [window.input, window.output, window.size]
  const [[sy = 1, sx = 1], [dy = 1, dx = 1]] = [window.strides, window.dilation]
  const [top, left] = [window.padding[0]?.[0] ?? 0, window.padding[1]?.[0] ?? 0]
  const [depth, width] = [channels / groups, filters / groups]
  for (let b = 0; b < batch; b++)
    for (let oy = 0; oy < oh; oy++)
      for (let ox = 0; ox < ow; ox++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++) {
            const [iy, ix] = [oy * sy + ky * dy - top, ox * sx + kx * dx - left]
            if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue
            for (let c = 0; c < depth; c++)
              for (let f = 0; f < filters; f++) {
                const channel = Math.floor(f / width) * depth + c
                visit(
                  ((b * h + iy) * w + ix) * channels + channel,
                  ((ky * kw + kx) * depth + c) * filters + f,
                  ((b * oh + oy) * ow + ox) * filters + f,
                )
              }
          }
}

const SIZES = {
  x: ({ batch, input: [h = 1, w = 1], channels }: ConvolutionWindow) => batch * h * w * channels,
  kernel: ({ size: [kh = 1, kw = 1], channels, groups, filters }: ConvolutionWindow) =>
    (kh * kw * channels * filters) / groups,
  y: ({ batch, output: [h = 1, w = 1], filters }: ConvolutionWindow) => batch * h * w * filters,
}

/** The exact sums of one of the three operations, over its operands in the order in which a kernel takes them. */
function reference(
  window: ConvolutionWindow,
  result: keyof typeof SIZES,
  first: Float32Array,
  second: Float32Array,
): Sums {
  const values = new Float64Array(SIZES[result](window))
  const scale = new Float64Array(values.length)
  const counts = new Int32Array(values.length)
  const add = (at: number, a = NaN, b = NaN): void => {
    values[at] = (values[at] ?? 0) + a * b
    scale[at] = (scale[at] ?? 0) + Math.abs(a * b)
    counts[at] = (counts[at] ?? 0) + 1
  }
  const visits: Record<keyof typeof SIZES, Parameters<typeof eachProduct>[1]> = {
    y: (x, kernel, y) => add(y, first[x], second[kernel]),
    x: (x, kernel, y) => add(x, first[y], second[kernel]),
    kernel: (x, kernel, y) => add(kernel, first[x], second[y]),
  }
  eachProduct(window, visits[result])
  return { values, scale, terms: counts.reduce((most, count) => Math.max(most, count), 0) }
}

type Spec = {
  readonly a: number
  readonly b: number
  readonly output: number
  readonly arithmetic: Arithmetic
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
}

/** A kernel and the bytes of scratch memory that each of its threads needs. */
type Method = {
  readonly bytes: number
  readonly emit: (f: FunctionBuilder, partition: Partition) => void
}

function taps(window: ConvolutionWindow, result: keyof typeof SIZES, { a, b, ...spec }: Spec): Method {
  if (result === 'kernel') {
    return {
      bytes: kernelGradientScratch(window),
      emit: (f, partition) => emitKernelGradient(f, { ...spec, window, x: a, dy: b }, partition),
    }
  }
  const sum = result === 'y' ? convolution : convolutionInputGradient
  const sums = sum({ ...spec, window, source: a, kernel: b })
  return { bytes: tapScratch(sums), emit: (f, partition) => emitTapSums(f, sums, partition) }
}

function winograd(window: ConvolutionWindow, result: keyof typeof SIZES, { a, b, ...spec }: Spec): Method {
  if (result === 'kernel') {
    const gradient = { ...spec, window, x: a, dy: b }
    return {
      bytes: winogradKernelGradientScratch(gradient),
      emit: (f, partition) => emitWinogradKernelGradient(f, gradient, partition),
    }
  }
  const convolved = { ...spec, window, source: a, kernel: b, result }
  return {
    bytes: winogradScratch(convolved),
    emit: (f, partition) => emitWinograd(f, convolved, partition),
  }
}

function check(
  window: ConvolutionWindow,
  result: keyof typeof SIZES,
  arithmetic: Arithmetic,
  epilogue?: { emit: (address: number) => Epilogue; of: (value: number, index: number) => number },
  method: (window: ConvolutionWindow, result: keyof typeof SIZES, spec: Spec) => Method = taps,
): void {
  const [first, second] =
    result === 'y'
      ? (['x', 'kernel'] as const)
      : result === 'x'
        ? (['y', 'kernel'] as const)
        : (['x', 'y'] as const)
  const sizes = [SIZES[first](window), SIZES[second](window), SIZES[result](window)] as const
  const [a, b, output, extra, scratch] = buffersOf([...sizes, sizes[2], 0])
  const spec = { arithmetic, output, scratch, epilogue: epilogue?.emit(extra) }
  const { bytes, emit } = method(window, result, { ...spec, a, b })
  const kernel = compileKernel(scratch + 4 * bytes + 64, emit)
  const operands = [randomNumbers(sizes[0], 1), randomNumbers(sizes[1], 2)] as const
  kernel.floats(a, sizes[0]).set(operands[0])
  kernel.floats(b, sizes[1]).set(operands[1])
  kernel.floats(extra, sizes[2]).set(Float32Array.from({ length: sizes[2] }, (_, i) => i % 7))
  const run = (threads: number): Float32Array => {
    kernel.floats(scratch, bytes).fill(NaN)
    kernel.floats(output, sizes[2] + 16).fill(7)
    kernel.run(threads)
    expect([...kernel.floats(output + 4 * sizes[2], 16)], 'writes past the end').toEqual(Array(16).fill(7))
    return kernel.floats(output, sizes[2]).slice()
  }
  const actual = run(1)
  const expected = reference(window, result, ...operands)
  const values = epilogue === undefined ? expected.values : expected.values.map(epilogue.of)
  const slack = epilogue === undefined ? 0 : 8
  // Winograd's sums round what the other results of their tile are made of, and its transforms (two of the operands, one
  // of the result, twice up to four terms each) round too, however few the terms.
  const largest = expected.scale.reduce((most, scale) => Math.max(most, scale), 0)
  const scale = expected.scale.map((own) => (method === winograd ? largest : own) + slack)
  expectClose(actual, values, scale, expected.terms + (method === winograd ? 24 : 0))
  for (const threads of [2, 3, 4]) expect(run(threads)).toEqual(actual)
}

/** Windows of any geometry whose output is not empty. */
const windows: fc.Arbitrary<ConvolutionWindow> = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }),
    input: fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 20 })),
    depth: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 21 }),
    groups: fc.constantFrom(1, 1, 1, 2, 5),
    depthwise: fc.constantFrom(false, false, false, true),
    size: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 5 })),
    strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.constantFrom([1, 1] as const, [1, 1] as const, [2, 1] as const, [1, 3] as const),
    padding: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })), {
      minLength: 2,
      maxLength: 2,
    }),
    valid: fc.boolean(),
  })
  .map(({ depth, width, depthwise, valid, groups, ...rest }) => {
    const padding = valid
      ? ([
          [0, 0],
          [0, 0],
        ] as const)
      : rest.padding
    const output = rest.input.map((length, axis) => {
      const reach = ((rest.size[axis] ?? 1) - 1) * (rest.dilation[axis] ?? 1) + 1
      const room = length + (padding[axis]?.[0] ?? 0) + (padding[axis]?.[1] ?? 0) - reach
      return Math.floor(room / (rest.strides[axis] ?? 1)) + 1
    })
    const shape = depthwise
      ? { channels: width, filters: width, groups: width }
      : { channels: groups * depth, filters: groups * width, groups }
    return { ...rest, ...shape, padding, output }
  })
  .filter(({ output }) => output.every((length) => length > 0))

const same = windowOf([3, 11, 13, 5], [3, 3, 5, 18], [3, 6, 7, 18], {
  strides: [2, 2],
  dilation: [1, 1],
  padding: [
    [1, 1],
    [1, 1],
  ],
  groups: 1,
})

const square = windowOf([3, 11, 13, 8], [3, 3, 8, 16], [3, 11, 12, 16], {
  strides: [1, 1],
  dilation: [1, 1],
  padding: [
    [1, 1],
    [0, 1],
  ],
  groups: 1,
})

describe.each(arithmetics)('convolution with %s', (arithmetic) => {
  it.each([
    ['its result', 'y'],
    ['the gradient of its input', 'x'],
    ['the gradient of its kernel', 'kernel'],
  ] as const)('computes %s for any geometry', (_, result) => {
    fc.assert(
      fc.property(windows, (window) => check(window, result, arithmetic)),
      { numRuns: runs(30) },
    )
  })
})

/** Windows of Winograd's kernels: 3x3 taps one by one, whole panels of channels. */
const squares: fc.Arbitrary<ConvolutionWindow> = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }),
    input: fc.tuple(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 10 })),
    channels: fc.constantFrom(8, 16),
    filters: fc.constantFrom(8, 24),
    padding: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), {
      minLength: 2,
      maxLength: 2,
    }),
  })
  .map((drawn) => {
    const output = drawn.input.map(
      (n, i) => n + (drawn.padding[i]?.[0] ?? 0) + (drawn.padding[i]?.[1] ?? 0) - 2,
    )
    return { ...drawn, output, groups: 1, size: [3, 3], strides: [1, 1], dilation: [1, 1] }
  })
  .filter(({ output }) => output.every((length) => length > 0))

describe.each(arithmetics)('convolution by Winograd with %s', (arithmetic) => {
  it.each([
    ['its result', 'y'],
    ['the gradient of its input', 'x'],
    ['the gradient of its kernel', 'kernel'],
  ] as const)('computes %s for any size and padding', (_, result) => {
    fc.assert(
      fc.property(squares, (window) => check(window, result, arithmetic, undefined, winograd)),
      { numRuns: runs(10) },
    )
  })
})

describe('convolution by Winograd', () => {
  it.each(['y', 'x', 'kernel'] as const)('adds up batches of several blocks (%s)', (result) => {
    const padding = [
      [1, 0],
      [0, 0],
    ] as const
    const geometry = { strides: [1, 1], dilation: [1, 1], padding, groups: 1 }
    const window = windowOf([9, 12, 11, 8], [3, 3, 8, 64], [9, 11, 9, 64], geometry)
    const { images } = tilingOf(window)
    expect(window.batch / images).toBe(3)
    check(window, result, 'mul_add', undefined, winograd)
  })
})

describe('convolution', () => {
  it.each(['y', 'x', 'kernel'] as const)('takes one spatial axis (%s)', (result) => {
    const geometry = { strides: [2], dilation: [1], padding: [[1, 2]] as const, groups: 1 }
    check(windowOf([3, 20, 6], [4, 6, 9], [3, 10, 9], geometry), result, 'mul_add')
  })

  it.each([
    ['y', same, taps],
    ['x', same, taps],
    ['y', square, winograd],
    ['x', square, winograd],
  ] as const)('hands each vector to the epilogue with its place (%s)', (result, window, method) => {
    const emit =
      (address: number): Epilogue =>
      (f, sum, at) => {
        f.get(at.element.local)
          .memory('v128.load', address + at.element.bytes)
          .get(sum)
          .op('f32x4.add')
      }
    const of = (value: number, index: number): number => value + (index % 7)
    check(window, result, 'mul_add', { emit, of }, method)
  })

  it.each([
    ['x', same, 5, taps],
    ['y', square, 16, winograd],
    ['x', square, 8, winograd],
  ] as const)('tells the epilogue the pixel and the channel (%s)', (result, window, channels, method) => {
    const emit = (): Epilogue => (f, sum, at) => {
      // 0 where the offsets agree.
      f.get(at.row.local).i32(at.row.bytes).op('i32.add').i32(4).op('i32.div_s').i32(channels).op('i32.mul')
      f.get(at.column.local).i32(at.column.bytes).op('i32.add').i32(4).op('i32.div_s').op('i32.add')
      f.i32(4).op('i32.mul')
      f.get(at.element.local).i32(at.element.bytes).op('i32.add').op('i32.sub')
      f.op('f32.convert_i32_s', 'f32x4.splat').get(sum).op('f32x4.add')
    }
    check(window, result, 'mul_add', { emit, of: (value) => value }, method)
  })
})
