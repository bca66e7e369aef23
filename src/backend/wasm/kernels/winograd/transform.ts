// Transforms of squares of vectors to Winograd's domain and back.

import type { Arithmetic } from '../../../plan/arithmetic.ts'
import { PRODUCTS } from '../../../plan/winograd.ts'
import type { WinogradMatrix } from '../../../plan/winograd.ts'
import type { Bound, FunctionBuilder, Integer, Vector } from '../../assembler/function-builder.ts'
import { advance } from '../../emit/integers.ts'
import type { FourVectors } from '../../emit/transpose.ts'
import { multiplyAdd } from '../../math/arithmetic.ts'

/** A matrix times a vector, six values of as many as it has columns; or its transpose times six values. */
export type TileTransform = { readonly matrix: WinogradMatrix; readonly transposed: boolean }

export const spread = (matrix: WinogradMatrix): TileTransform => ({ matrix, transposed: false })
export const collect = (matrix: WinogradMatrix): TileTransform => ({ matrix, transposed: true })

function lengths({ matrix, transposed }: TileTransform): { readonly from: number; readonly to: number } {
  const columns = matrix[0].length
  return transposed ? { from: PRODUCTS, to: columns } : { from: columns, to: PRODUCTS }
}

/** A square of vectors in memory: the address of the first, and bytes from one to the next. */
export type VectorSquare = { readonly address: Integer; readonly row: number; readonly column: number }

type SixVectors = readonly [Vector, Vector, Vector, Vector, Vector, Vector]

/** Locals that transforms compute with, and the address of `TEMPORARY_BYTES` bytes. */
export type Workbench = {
  readonly arithmetic: Arithmetic
  readonly temporary: Integer
  readonly from: SixVectors
  readonly to: SixVectors
  readonly halves: FourVectors
} & Readonly<Record<'read' | 'write' | 'index', Integer>>

export const TEMPORARY_BYTES = 16 * PRODUCTS * PRODUCTS

export function workbench(f: FunctionBuilder, arithmetic: Arithmetic, temporary: Integer): Workbench {
  const { x0, x1, x2, x3, x4, x5 } = f.vectors('x0', 'x1', 'x2', 'x3', 'x4', 'x5')
  const { y0, y1, y2, y3, y4, y5 } = f.vectors('y0', 'y1', 'y2', 'y3', 'y4', 'y5')
  const { even, odd, evenQ, oddQ } = f.vectors('even', 'odd', 'evenQ', 'oddQ')
  return {
    arithmetic,
    temporary,
    from: [x0, x1, x2, x3, x4, x5],
    to: [y0, y1, y2, y3, y4, y5],
    halves: [even, odd, evenQ, oddQ],
    ...f.integers('read', 'write', 'index'),
  }
}

/** Takes the results of a two-dimensional transform, row by row. */
export type TransformSink = {
  /** Rows to compute; all of them if not given. */
  readonly rows?: Bound
  readonly store: (column: number, value: Vector) => void
  readonly nextRow: () => void
}

/** M X Mᵀ for a square X of vectors; `load` pushes the one at an address. */
export function emitTransform(
  f: FunctionBuilder,
  bench: Workbench,
  transform: TileTransform,
  source: VectorSquare,
  sink: TransformSink,
  load: (address: Integer, bytes: number) => void = (address, bytes) =>
    f.get(address).memory('v128.load', bytes),
): void {
  const { temporary, read, write, index } = bench
  const { from: inputs, to: outputs } = lengths(transform)
  const [from, to] = [bench.from.slice(0, inputs), bench.to.slice(0, outputs)]
  const line = 16 * PRODUCTS
  f.get(source.address).set(read).get(temporary).set(write)
  f.for(index, 0, inputs, 1, () => {
    from.forEach((local, i) => {
      load(read, i * source.row)
      f.set(local)
    })
    emitLine(f, bench, transform)
    to.forEach((local, i) => {
      f.get(write)
        .get(local)
        .memory('v128.store', i * line)
    })
    advance(f, read, source.column)
    advance(f, write, 16)
  })
  f.get(temporary).set(read)
  f.for(index, 0, sink.rows ?? outputs, 1, () => {
    from.forEach((local, i) => {
      f.get(read)
        .memory('v128.load', i * 16)
        .set(local)
    })
    emitLine(f, bench, transform)
    to.forEach((local, column) => sink.store(column, local))
    advance(f, read, line)
    sink.nextRow()
  })
}

/** Stores all results in a square whose address it moves on. */
export function storeSquare(f: FunctionBuilder, { address, row, column }: VectorSquare): TransformSink {
  return {
    store(index, value) {
      f.get(address)
        .get(value)
        .memory('v128.store', index * column)
    },
    nextRow() {
      advance(f, address, row)
    },
  }
}

/** The transform of one line of vectors, `from` to `to`; mirrored rows share their even and odd halves. */
function emitLine(f: FunctionBuilder, bench: Workbench, { matrix, transposed }: TileTransform): void {
  if (transposed) collectLine(f, bench, matrix)
  else spreadLine(f, bench, matrix)
}

function spreadLine(f: FunctionBuilder, bench: Workbench, [zero, p, q, infinity]: WinogradMatrix): void {
  const [y0, y1, y2, y3, y4, y5] = bench.to
  const [even, odd] = bench.halves
  const sum = (target: Vector, row: readonly number[], parity?: number): void => {
    const terms = bench.from.slice(0, row.length).map((value, i) => [row[i] ?? 0, value] as const)
    emitSum(
      f,
      bench.arithmetic,
      target,
      parity === undefined ? terms : terms.filter((_, i) => i % 2 === parity),
    )
  }
  sum(y0, zero)
  sum(even, p, 0)
  sum(odd, p, 1)
  addAndSubtract(f, even, odd, y1, y2)
  sum(even, q, 0)
  sum(odd, q, 1)
  addAndSubtract(f, even, odd, y3, y4)
  sum(y5, infinity)
}

function collectLine(f: FunctionBuilder, bench: Workbench, matrix: WinogradMatrix): void {
  const [x0, x1, x2, x3, x4, x5] = bench.from
  const [even, odd, evenQ, oddQ] = bench.halves
  addAndSubtract(f, x1, x2, even, odd)
  addAndSubtract(f, x3, x4, evenQ, oddQ)
  bench.to.slice(0, matrix[0].length).forEach((target, column) => {
    const [zero, p, q, infinity] = matrix.map((row) => row[column] ?? 0)
    const isEven = column % 2 === 0
    emitSum(f, bench.arithmetic, target, [
      [zero ?? 0, x0],
      [p ?? 0, isEven ? even : odd],
      [q ?? 0, isEven ? evenQ : oddQ],
      [infinity ?? 0, x5],
    ])
  })
}

function addAndSubtract(f: FunctionBuilder, left: Vector, right: Vector, sum: Vector, rest: Vector): void {
  f.get(left).get(right).op('f32x4.add').set(sum)
  f.get(left).get(right).op('f32x4.sub').set(rest)
}

function emitSum(
  f: FunctionBuilder,
  arithmetic: Arithmetic,
  target: Vector,
  terms: readonly (readonly [factor: number, value: Vector])[],
): void {
  // A factor of 1 first: it costs no instruction.
  const needed = terms
    .filter(([factor]) => factor !== 0)
    .sort(([a], [b]) => Number(b === 1) - Number(a === 1))
  needed.forEach(([factor, value], i) => {
    if (i > 0 && factor === 1) f.get(target).get(value).op('f32x4.add')
    else {
      f.get(value)
      if (factor !== 1) f.f32x4(factor)
      if (i > 0) multiplyAdd(f, arithmetic, () => f.get(target))
      else if (factor !== 1) f.op('f32x4.mul')
    }
    f.set(target)
  })
}
