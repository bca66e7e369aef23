// Pooling over windows of [batch, ...spatial, channels] and its gradients: each window is visited once for every four
// channels. Threads share the images of the batch, so that gradients of overlapping windows add up in one order.

import { sizeOf } from '../../../ir/ir.ts'
import type { PoolGeometry, Shape } from '../../../ir/ir.ts'
import { splitWithRest } from '../../plan/pieces.ts'
import type { FunctionBuilder, Integer, Vector } from '../assembler/function-builder.ts'
import { clearBytes, pushAtLeast, pushAtMost, setLinear } from '../emit/integers.ts'
import { all, eachPiece, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import { positionOf, storeResult } from '../emit/tile.ts'
import type { Epilogue, Position } from '../emit/tile.ts'

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

/** True if each element of the input is in exactly one window, all of whose elements are visited one by one. */
export function isTiled({ input, size, strides, padding }: Pool): boolean {
  return (
    sizeOf(size) <= UNROLLED &&
    input.every((length, axis) => {
      const window = size[axis] ?? 1
      return strides[axis] === window && length % window === 0 && padding[axis]?.every((zeros) => zeros === 0)
    })
  )
}

/** One axis of the windows: its geometry, and the locals of its loops. */
type PoolAxis = {
  readonly length: number
  readonly outputs: number
  readonly size: number
  readonly stride: number
  readonly padding: number
  /** Pixels and bytes from one element of x to the next, and outputs from one to the next. */
  readonly inputStep: number
  readonly bytes: number
  readonly step: number
} & Readonly<Record<PoolLocal, Integer>>
type PoolLocal = 'index' | 'tap' | 'from' | 'to'

export function axesOf(pool: Pool): Omit<PoolAxis, PoolLocal>[] {
  return pool.size.map((size, axis) => {
    const inputStep = sizeOf(pool.input.slice(axis + 1))
    return {
      size,
      length: pool.input[axis] ?? 1,
      outputs: pool.output[axis] ?? 1,
      stride: pool.strides[axis] ?? 1,
      padding: pool.padding[axis]?.[0] ?? 0,
      inputStep,
      bytes: 4 * pool.channels * inputStep,
      step: sizeOf(pool.output.slice(axis + 1)),
    }
  })
}

/** True if every window along the axis is inside the input. */
function isInside({ padding, outputs, stride, size, length }: Omit<PoolAxis, PoolLocal>): boolean {
  return padding === 0 && (outputs - 1) * stride + size <= length
}

/** True if all windows are inside the input, and all of their elements are visited one by one. */
export function isPlain(pool: Pool): boolean {
  return sizeOf(pool.size) <= UNROLLED && axesOf(pool).every(isInside)
}

/** The windows of a pool: the function being written, and its locals. */
type PoolWalk = ReturnType<typeof walkOf>

function walkOf(f: FunctionBuilder, pool: Pool) {
  const axes = axesOf(pool).map((axis) => ({ ...axis, ...f.integers('index', 'tap', 'from', 'to') }))
  return {
    f,
    pool,
    axes,
    taps: sizeOf(pool.size),
    inside: axes.every(isInside),
    at: f.integers('image', 'channel', 'corner', 'address', 'output', 'row', 'column', 'inputRow'),
  }
}

/** A window at four channels. */
type WindowVisit = {
  readonly lanes: number
  /** Byte offset of the channels of the output. */
  readonly output: Integer
  readonly row: Integer
  readonly column: Integer
  /** The `row` of the window's first element in the input. */
  readonly inputRow: Integer
  /** Elements of the window that are inside the input: pushes the number, in every lane. */
  readonly count: () => void
  /** Visits those elements in row-major order, each at its byte offset. */
  readonly eachElement: (body: (element: Position) => void) => void
}

type Visitor = (window: WindowVisit) => void

/** Calls `before` at each image of this thread and `visit` for each of its windows. */
function eachWindow(
  f: FunctionBuilder,
  pool: Pool,
  partition: Partition | undefined,
  before: (image: Integer) => void,
  visit: Visitor,
): void {
  const walk = walkOf(f, pool)
  const { axes, taps, inside, at } = walk
  const loopOver = ([axis, ...rest]: readonly PoolAxis[]): void => {
    if (axis === undefined) return visitChannels(walk, visit)
    f.for(axis.index, 0, axis.outputs, 1, () => {
      if (!inside || taps > UNROLLED) boundTaps(f, axis)
      loopOver(rest)
    })
  }
  const mine = share(f, pool.batch, partition)
  f.for(at.image, mine.from, mine.to, 1, () => {
    before(at.image)
    loopOver(axes)
  })
}

/** Sets from and to to the elements of the window that are inside the input along the axis. */
function boundTaps(f: FunctionBuilder, { index, stride, padding, size, length, from, to }: PoolAxis): void {
  setLinear(f, from, padding, [index, -stride])
  setLinear(f, to, length, [from, 1])
  pushAtLeast(f, from, 0).set(from)
  pushAtMost(f, to, size).set(to)
}

/** Visits a window, four channels at a time. */
function visitChannels(walk: PoolWalk, visit: Visitor): void {
  const { f, pool, axes, taps, inside, at } = walk
  locateRows(walk)
  const split = splitWithRest(pool.channels, 4)
  eachPiece(f, split, all(split), at.channel, (lanes) => {
    setLinear(f, at.column, 0, [at.channel, 4])
    setLinear(f, at.output, 0, [at.row, pool.channels], [at.column, 1])
    setLinear(f, at.corner, 0, [at.inputRow, pool.channels], [at.column, 1])
    const window = { lanes, output: at.output, row: at.row, column: at.column, inputRow: at.inputRow }
    const whole = (): void =>
      visit({ ...window, count: () => f.f32x4(taps), eachElement: (body) => eachElementUnrolled(walk, body) })
    const clipped = (): void =>
      visit({
        ...window,
        count: () => countInside(walk),
        eachElement: (body) => eachElementInside(walk, body),
      })
    if (taps > UNROLLED) return clipped()
    if (inside) return whole()
    axes.forEach(({ from, to, size }, i) => {
      f.get(to).get(from).op('i32.sub').i32(size).op('i32.eq')
      if (i > 0) f.op('i32.and')
    })
    f.if(whole, clipped)
  })
}

/** Sets the rows of the window's result and of its first element. */
function locateRows({ f, pool, axes, at }: PoolWalk): void {
  const rowTerms = [
    [at.image, 4 * sizeOf(pool.output)],
    ...axes.map(({ index, step }) => [index, 4 * step] as const),
  ] as const
  setLinear(f, at.row, 0, ...rowTerms)
  const start = axes.reduce((sum, { padding, inputStep }) => sum - 4 * padding * inputStep, 0)
  const inputRowTerms = [
    [at.image, 4 * sizeOf(pool.input)],
    ...axes.map(({ index, stride, inputStep }) => [index, 4 * stride * inputStep] as const),
  ] as const
  setLinear(f, at.inputRow, start, ...inputRowTerms)
}

function countInside({ f, axes }: PoolWalk): void {
  axes.forEach(({ from, to }, i) => {
    f.get(to).get(from).op('i32.sub')
    if (i > 0) f.op('i32.mul')
  })
  f.op('f32.convert_i32_s', 'f32x4.splat')
}

function eachElementUnrolled({ axes, at }: PoolWalk, body: (element: Position) => void): void {
  const visitTaps = ([axis, ...rest]: readonly PoolAxis[], bytes: number): void => {
    if (axis === undefined) return body({ local: at.corner, bytes })
    for (let tap = 0; tap < axis.size; tap++) visitTaps(rest, bytes + tap * axis.bytes)
  }
  visitTaps(axes, 0)
}

function eachElementInside({ f, axes, at }: PoolWalk, body: (element: Position) => void): void {
  const visitTaps = ([axis, ...rest]: readonly PoolAxis[]): void => {
    if (axis === undefined) {
      setLinear(f, at.address, 0, [at.corner, 1], ...axes.map(({ tap, bytes }) => [tap, bytes] as const))
      return body(positionOf(at.address))
    }
    f.for(axis.tap, axis.from, axis.to, 1, () => visitTaps(rest))
  }
  visitTaps(axes)
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
    eachElement(({ local, bytes }) => {
      f.get(result)
        .get(local)
        .memory('v128.load', spec.x + bytes)
      f.op(isMax ? 'f32x4.max' : 'f32x4.add').set(result)
    })
    if (!isMax) {
      f.get(result)
      count()
      f.op('f32x4.div').set(result)
    }
    const position = { element: positionOf(output), row: positionOf(row), column: positionOf(column), lanes }
    storeResult(f, result, position, spec.output, spec.epilogue)
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
  spec: MaxPoolGradientSpec,
  partition?: Partition,
): void {
  const { largest, gradient, hit } = f.vectors('largest', 'gradient', 'hit')
  eachWindow(f, spec.pool, partition, clearImages(f, spec), (window) => {
    f.get(window.output).memory('v128.load', spec.y).set(largest)
    f.get(window.output).memory('v128.load', spec.dy).set(gradient)
    window.eachElement((element) => {
      f.get(element.local)
        .memory('v128.load', spec.x + element.bytes)
        .get(largest)
        .op('f32x4.eq')
        .set(hit)
      f.get(gradient).get(hit).op('v128.and')
      f.get(gradient).get(hit).op('v128.andnot').set(gradient)
      addTo(f, spec, window, element, hit)
    })
  })
}

/** Byte offsets of f32 buffers; the output is dx and may not share the memory of dy. */
export type AveragePoolGradientSpec = Omit<MaxPoolGradientSpec, 'x' | 'y'>

/** Each dy goes in equal shares to the elements of its window inside the input. */
export function emitAveragePoolGradient(
  f: FunctionBuilder,
  spec: AveragePoolGradientSpec,
  partition?: Partition,
): void {
  const { gradient, sum } = f.vectors('gradient', 'sum')
  eachWindow(f, spec.pool, partition, clearImages(f, spec), (window) => {
    f.get(window.output).memory('v128.load', spec.dy)
    window.count()
    f.op('f32x4.div').set(gradient)
    window.eachElement((element) => {
      f.get(gradient)
      addTo(f, spec, window, element, sum)
    })
  })
}

/** Clears an image of dx, unless all of its elements are stored once. */
function clearImages(
  f: FunctionBuilder,
  { pool, output }: AveragePoolGradientSpec,
): (image: Integer) => void {
  if (isTiled(pool)) return () => {}
  const target = f.local('i32')
  const bytes = 4 * pool.channels * sizeOf(pool.input)
  return (image) => {
    setLinear(f, target, output, [image, bytes])
    clearBytes(f, target, bytes)
  }
}

/** Adds the vector on the stack to an element of a window; the local `sum` takes the result. */
function addTo(
  f: FunctionBuilder,
  { pool: { size, strides, channels }, output, epilogue }: AveragePoolGradientSpec,
  { lanes, inputRow, column }: WindowVisit,
  element: Position,
  sum: Vector,
): void {
  // Windows that do not overlap meet each element once.
  const overlap = size.some((length, axis) => length > (strides[axis] ?? 1))
  if (overlap)
    f.get(element.local)
      .memory('v128.load', output + element.bytes)
      .op('f32x4.add')
  f.set(sum)
  const row = { local: inputRow, bytes: element.bytes / channels }
  storeResult(f, sum, { element, row, column: positionOf(column), lanes }, output, epilogue)
}
