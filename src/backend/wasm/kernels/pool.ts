// Pooling over windows of [batch, ...spatial, channels] and its gradients: each window is visited once for every four
// channels. Threads share the images of the batch, so that gradients of overlapping windows add up in one order.

import type { PoolGeometry, Shape } from '../../../ir/ir.ts'
import { splitWithRest } from '../../plan/pieces.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { all, eachPiece, setLinear, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import { storeLanes } from '../emit/tile.ts'
import type { Epilogue } from '../emit/tile.ts'

/** Windows over `input` spatial axes that give `output`. */
export type Pool = PoolGeometry & {
  readonly batch: number
  readonly input: Shape
  readonly output: Shape
  readonly channels: number
}

/** The pool of x to y, of any number of spatial axes. */
export function poolOf(x: Shape, y: Shape, { size, strides, padding }: PoolGeometry): Pool {
  const [input, output] = [x.slice(1, -1), y.slice(1, -1)]
  return { batch: x[0] ?? 1, channels: x.at(-1) ?? 1, input, output, size, strides, padding }
}

/** Windows of more elements are visited in loops. */
const UNROLLED = 12

/** Where a window stands, for four channels of it. */
type Visit = {
  readonly lanes: number
  /** Byte offset of the channels of the output. */
  readonly output: Local
  readonly row: Local
  readonly column: Local
  /** The `row` of the window's first element in the input. */
  readonly inputRow: Local
  /** Elements of the window that are inside the input: pushes the number, in every lane. */
  readonly count: () => void
  /** Visits those elements in row-major order, each at the byte offset of a local and a constant. */
  readonly eachElement: (body: (address: Local, bytes: number) => void) => void
}

type Axis = {
  readonly length: number
  readonly outputs: number
  readonly size: number
  readonly stride: number
  readonly padding: number
  /** Pixels and bytes from one element of x to the next, and outputs from one to the next. */
  readonly inputStep: number
  readonly bytes: number
  readonly step: number
  readonly index: Local
  readonly tap: Local
  readonly from: Local
  readonly to: Local
}

function axesOf(f: FunctionBuilder, pool: Pool): Axis[] {
  const after = (shape: Shape, axis: number): number => shape.slice(axis + 1).reduce((a, b) => a * b, 1)
  return pool.size.map((size, axis) => ({
    size,
    length: pool.input[axis] ?? 1,
    outputs: pool.output[axis] ?? 1,
    stride: pool.strides[axis] ?? 1,
    padding: pool.padding[axis]?.[0] ?? 0,
    inputStep: after(pool.input, axis),
    bytes: 4 * pool.channels * after(pool.input, axis),
    step: after(pool.output, axis),
    index: f.local('i32'),
    tap: f.local('i32'),
    from: f.local('i32'),
    to: f.local('i32'),
  }))
}

/** Whether every window along the axis is inside the input. */
function isInside({ padding, outputs, stride, size, length }: Axis): boolean {
  return padding === 0 && (outputs - 1) * stride + size <= length
}

/** Whether each element of the input is in exactly one window, all of whose elements are visited one by one. */
export function isTiled({ input, size, strides, padding }: Pool): boolean {
  const taps = size.reduce((a, b) => a * b, 1)
  return (
    taps <= UNROLLED &&
    input.every((length, axis) => {
      const window = size[axis] ?? 1
      return strides[axis] === window && length % window === 0 && padding[axis]?.every((zeros) => zeros === 0)
    })
  )
}

/** Calls `before` at each image of this thread and `visit` for each of its windows. */
function eachWindow(
  f: FunctionBuilder,
  pool: Pool,
  partition: Partition | undefined,
  before: (image: Local) => void,
  visit: (window: Visit) => void,
): void {
  const axes = axesOf(f, pool)
  const inputs = pool.input.reduce((a, b) => a * b, 1)
  const outputs = pool.output.reduce((a, b) => a * b, 1)
  const taps = pool.size.reduce((a, b) => a * b, 1)
  const inside = axes.every(isInside)
  const integer = (): Local => f.local('i32')
  const [image, channel, corner, address] = [integer(), integer(), integer(), integer()]
  const [output, row, column, inputRow] = [integer(), integer(), integer(), integer()]
  const split = splitWithRest(pool.channels, 4)

  const mine = share(f, pool.batch, partition)
  f.for(image, mine.from, mine.to, 1, () => {
    before(image)
    loopOver(axes)
  })

  function loopOver([axis, ...rest]: readonly Axis[]): void {
    if (axis === undefined) return visitChannels()
    f.for(axis.index, 0, axis.outputs, 1, () => {
      if (!inside || taps > UNROLLED) boundTaps(axis)
      loopOver(rest)
    })
  }

  /** Sets from and to to the elements of the window that are inside the input along the axis. */
  function boundTaps({ index, stride, padding, size, length, from, to }: Axis): void {
    setLinear(f, from, padding, [[index, -stride]])
    setLinear(f, to, length, [[from, 1]])
    f.get(from).i32(0).get(from).i32(0).op('i32.gt_s', 'select').set(from)
    f.get(to).i32(size).get(to).i32(size).op('i32.lt_s', 'select').set(to)
  }

  function visitChannels(): void {
    setLinear(f, row, 0, [[image, 4 * outputs], ...axes.map(({ index, step }) => [index, 4 * step] as const)])
    const start = axes.reduce((sum, { padding, inputStep }) => sum - 4 * padding * inputStep, 0)
    setLinear(f, inputRow, start, [
      [image, 4 * inputs],
      ...axes.map(({ index, stride, inputStep }) => [index, 4 * stride * inputStep] as const),
    ])
    eachPiece(f, split, all(split), channel, (lanes) => {
      setLinear(f, column, 0, [[channel, 4]])
      setLinear(f, output, 0, [
        [row, pool.channels],
        [column, 1],
      ])
      setLinear(f, corner, 0, [
        [inputRow, pool.channels],
        [column, 1],
      ])
      const window = { lanes, output, row, column, inputRow }
      const whole = (): void => visit({ ...window, count: () => f.f32x4(taps), eachElement: unrolled })
      const clipped = (): void => visit({ ...window, count, eachElement: looped })
      if (taps > UNROLLED) clipped()
      else if (inside) whole()
      else {
        axes.forEach(({ from, to, size }, i) => {
          f.get(to).get(from).op('i32.sub').i32(size).op('i32.eq')
          if (i > 0) f.op('i32.and')
        })
        f.if(whole, clipped)
      }
    })
  }

  function count(): void {
    axes.forEach(({ from, to }, i) => {
      f.get(to).get(from).op('i32.sub')
      if (i > 0) f.op('i32.mul')
    })
    f.op('f32.convert_i32_s', 'f32x4.splat')
  }

  function unrolled(body: (address: Local, bytes: number) => void): void {
    const visitTaps = ([axis, ...rest]: readonly Axis[], bytes: number): void => {
      if (axis === undefined) return body(corner, bytes)
      for (let tap = 0; tap < axis.size; tap++) visitTaps(rest, bytes + tap * axis.bytes)
    }
    visitTaps(axes, 0)
  }

  function looped(body: (address: Local, bytes: number) => void): void {
    const visitTaps = ([axis, ...rest]: readonly Axis[]): void => {
      if (axis === undefined) {
        setLinear(f, address, 0, [[corner, 1], ...axes.map(({ tap, bytes }) => [tap, bytes] as const)])
        return body(address, 0)
      }
      f.for(axis.tap, { local: axis.from }, { local: axis.to }, 1, () => visitTaps(rest))
    }
    visitTaps(axes)
  }
}

/** Byte offsets of f32 buffers. */
export type PoolSpec = {
  readonly pool: Pool
  readonly function: 'max' | 'average'
  readonly x: number
  readonly output: number
  readonly epilogue?: Epilogue | undefined
}

/** The largest element of each window, or the mean of its elements inside the input. */
export function emitPool(f: FunctionBuilder, spec: PoolSpec, partition?: Partition): void {
  const result = f.local('v128')
  const isMax = spec.function === 'max'
  const start = (): void => {}
  eachWindow(f, spec.pool, partition, start, ({ lanes, output, row, column, count, eachElement }) => {
    f.f32x4(isMax ? -Infinity : 0).set(result)
    eachElement((address, bytes) => {
      f.get(result)
        .get(address)
        .memory('v128.load', spec.x + bytes)
      f.op(isMax ? 'f32x4.max' : 'f32x4.add').set(result)
    })
    if (!isMax) {
      f.get(result)
      count()
      f.op('f32x4.div').set(result)
    }
    if (spec.epilogue !== undefined) {
      spec.epilogue(f, result, {
        element: { local: output, bytes: 0 },
        row: { local: row, bytes: 0 },
        column: { local: column, bytes: 0 },
        lanes,
      })
      f.set(result)
    }
    storeLanes(f, result, lanes, output, spec.output)
  })
}

/** Byte offsets of f32 buffers; the output is dx and may not share the memory of an operand. */
export type MaxPoolGradientSpec = {
  readonly pool: Pool
  readonly x: number
  readonly y: number
  readonly dy: number
  readonly output: number
  /** Only where windows tile the input (`isTiled`). */
  readonly epilogue?: Epilogue | undefined
}

/** Each dy goes to the first element of its window that equals y. */
export function emitMaxPoolGradient(
  f: FunctionBuilder,
  { pool, x, y, dy, output: dx, epilogue }: MaxPoolGradientSpec,
  partition?: Partition,
): void {
  const [largest, gradient, hit] = [f.local('v128'), f.local('v128'), f.local('v128')]
  const clear = clearImages(f, pool, dx)
  eachWindow(f, pool, partition, clear, (window) => {
    const { output, eachElement } = window
    f.get(output).memory('v128.load', y).set(largest)
    f.get(output).memory('v128.load', dy).set(gradient)
    eachElement((address, bytes) => {
      f.get(address)
        .memory('v128.load', x + bytes)
        .get(largest)
        .op('f32x4.eq')
        .set(hit)
      f.get(gradient).get(hit).op('v128.and')
      f.get(gradient).get(hit).op('v128.andnot').set(gradient)
      addTo(f, pool, window, { address, bytes, dx, epilogue }, hit)
    })
  })
}

/** Byte offsets of f32 buffers; the output is dx and may not share the memory of dy. */
export type AveragePoolGradientSpec = Omit<MaxPoolGradientSpec, 'x' | 'y'>

/** Each dy goes in equal shares to the elements of its window inside the input. */
export function emitAveragePoolGradient(
  f: FunctionBuilder,
  { pool, dy, output: dx, epilogue }: AveragePoolGradientSpec,
  partition?: Partition,
): void {
  const [gradient, sum] = [f.local('v128'), f.local('v128')]
  const clear = clearImages(f, pool, dx)
  eachWindow(f, pool, partition, clear, (window) => {
    const { output, count, eachElement } = window
    f.get(output).memory('v128.load', dy)
    count()
    f.op('f32x4.div').set(gradient)
    eachElement((address, bytes) => {
      f.get(gradient)
      addTo(f, pool, window, { address, bytes, dx, epilogue }, sum)
    })
  })
}

/** Clears an image of dx, unless all of its elements are stored once. */
function clearImages(f: FunctionBuilder, pool: Pool, address: number): (image: Local) => void {
  if (isTiled(pool)) return () => {}
  const target = f.local('i32')
  const bytes = 4 * pool.channels * pool.input.reduce((a, b) => a * b, 1)
  return (image) => {
    setLinear(f, target, address, [[image, bytes]])
    f.get(target).i32(0).i32(bytes).memoryFill()
  }
}

/** Adds the vector on the stack to an element of a window; the local `sum` takes the result. */
function addTo(
  f: FunctionBuilder,
  { size, strides, channels }: Pool,
  { lanes, inputRow, column }: Visit,
  {
    address,
    bytes,
    dx,
    epilogue,
  }: {
    readonly address: Local
    readonly bytes: number
    readonly dx: number
    readonly epilogue: Epilogue | undefined
  },
  sum: Local,
): void {
  // Windows that do not overlap meet each element once.
  const overlap = size.some((length, axis) => length > (strides[axis] ?? 1))
  if (overlap)
    f.get(address)
      .memory('v128.load', dx + bytes)
      .op('f32x4.add')
  f.set(sum)
  if (epilogue !== undefined) {
    epilogue(f, sum, {
      element: { local: address, bytes },
      row: { local: inputRow, bytes: bytes / channels },
      column: { local: column, bytes: 0 },
      lanes,
    })
    f.set(sum)
  }
  storeLanes(f, sum, lanes, address, dx + bytes)
}
