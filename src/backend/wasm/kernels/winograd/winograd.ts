// Winograd's minimal filtering F(4x4, 3x3) (Lavin & Gray 2016, arXiv:1509.09308): 4x4 outputs of a 3x3 convolution
// from 36 products of transformed values where the direct sum takes 144. The points of interpolation 0, ±√½, ±√2 and
// infinity keep the rounding of float32 within about twice that of the direct sum; 0, ±1, ±2 lose ten times as much
// (Barabasz et al. 2020, arXiv:1803.10986, on the choice of points).

import { multiplyAdd } from '../../emit/arithmetic.ts'
import type { Arithmetic } from '../../emit/arithmetic.ts'
import type { Bound, FunctionBuilder, Local } from '../../assembler/assembler.ts'
import { advance } from '../../emit/tile.ts'

/** Outputs of a tile along an axis, inputs that they read, and products. */
export const OUTPUTS = 4
export const INPUTS = 6
export const PRODUCTS = 6

/**
 * A matrix of six rows, those at the points 0, p, -p, q, -q and infinity: here without those at -p and -q, which are
 * the ones at p and q with every other column negated.
 */
type Matrix = readonly [zero: Row, p: Row, q: Row, infinity: Row]
type Row = readonly number[]

const [P, Q] = [Math.SQRT1_2, Math.SQRT2]

/** Six inputs to six factors: Bᵀ of the paper. */
export const INPUT: Matrix = [
  [1, 0, -2.5, 0, 1, 0],
  [0, -2 * P, -2, P, 1, 0],
  [0, -Q / 2, -1 / 2, Q, 1, 0],
  [0, 1, 0, -2.5, 0, 1],
]
/** Three taps to six factors: G. */
export const KERNEL: Matrix = [
  [1, 0, 0],
  [-2 / 3, (-2 / 3) * P, -1 / 3],
  [1 / 6, Q / 6, 1 / 3],
  [0, 0, 1],
]
/** Four outputs to the six products that make them: A. */
export const OUTPUT: Matrix = [
  [1, 0, 0, 0],
  [1, P, 1 / 2, P / 2],
  [1, Q, 2, 2 * Q],
  [0, 0, 0, 1],
]

/** A matrix times a vector, six values of as many as it has columns; or its transpose times six values. */
export type Transform = { readonly matrix: Matrix; readonly transposed: boolean }

export const spread = (matrix: Matrix): Transform => ({ matrix, transposed: false })
export const collect = (matrix: Matrix): Transform => ({ matrix, transposed: true })

function lengths({ matrix, transposed }: Transform): { readonly from: number; readonly to: number } {
  const columns = matrix[0].length
  return transposed ? { from: PRODUCTS, to: columns } : { from: columns, to: PRODUCTS }
}

/** A square of vectors in memory: the address of the first, and bytes from one to the next. */
export type Square = { readonly address: Local; readonly row: number; readonly column: number }

/** What transforms compute with: locals, and the address of `TEMPORARY_BYTES` bytes. */
export type Workbench = {
  readonly arithmetic: Arithmetic
  readonly temporary: Local
  readonly from: readonly Local[]
  readonly to: readonly Local[]
  readonly halves: readonly [Local, Local, Local, Local]
  readonly read: Local
  readonly write: Local
  readonly index: Local
}

export const TEMPORARY_BYTES = 16 * PRODUCTS * PRODUCTS

export function workbench(f: FunctionBuilder, arithmetic: Arithmetic, temporary: Local): Workbench {
  const vector = (): Local => f.local('v128')
  return {
    arithmetic,
    temporary,
    from: f.locals('v128', PRODUCTS),
    to: f.locals('v128', PRODUCTS),
    halves: [vector(), vector(), vector(), vector()],
    read: f.local('i32'),
    write: f.local('i32'),
    index: f.local('i32'),
  }
}

/** Where the results of a two-dimensional transform go, row by row. */
export type Sink = {
  /** Rows that are wanted; all of them if not given. */
  readonly rows?: Bound
  readonly store: (column: number, value: Local) => void
  readonly nextRow: () => void
}

/** M X Mᵀ for a square X of vectors; `load` pushes the one at an address. */
export function emitTransform(
  f: FunctionBuilder,
  bench: Workbench,
  transform: Transform,
  source: Square,
  sink: Sink,
  load: (address: Local, bytes: number) => void = (address, bytes) =>
    f.get(address).memory('v128.load', bytes),
): void {
  const { temporary, from, to, read, write, index } = bench
  const { from: inputs, to: outputs } = lengths(transform)
  const line = 16 * PRODUCTS
  f.get(source.address).set(read).get(temporary).set(write)
  f.for(index, 0, inputs, 1, () => {
    from.slice(0, inputs).forEach((local, i) => {
      load(read, i * source.row)
      f.set(local)
    })
    emitLine(f, bench, transform)
    to.slice(0, outputs).forEach((local, i) => {
      f.get(write)
        .get(local)
        .memory('v128.store', i * line)
    })
    advance(f, read, source.column)
    advance(f, write, 16)
  })
  f.get(temporary).set(read)
  f.for(index, 0, sink.rows ?? outputs, 1, () => {
    from.slice(0, inputs).forEach((local, i) => {
      f.get(read)
        .memory('v128.load', i * 16)
        .set(local)
    })
    emitLine(f, bench, transform)
    to.slice(0, outputs).forEach((local, column) => {
      sink.store(column, local)
    })
    advance(f, read, line)
    sink.nextRow()
  })
}

/** Stores all results in a square whose address it moves on. */
export function storeSquare(f: FunctionBuilder, { address, row, column }: Square): Sink {
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
function emitLine(f: FunctionBuilder, bench: Workbench, { matrix, transposed }: Transform): void {
  const [zero, p, q, infinity] = matrix
  const [x0 = 0, x1 = 0, x2 = 0, x3 = 0, x4 = 0, x5 = 0] = bench.from
  const [y0 = 0, y1 = 0, y2 = 0, y3 = 0, y4 = 0, y5 = 0] = bench.to
  const [even, odd, evenQ, oddQ] = bench.halves
  const sum = (target: Local, terms: readonly Term[]): void => emitSum(f, bench.arithmetic, target, terms)
  const addAndSubtract = (left: Local, right: Local, added: Local, subtracted: Local): void => {
    f.get(left).get(right).op('f32x4.add').set(added)
    f.get(left).get(right).op('f32x4.sub').set(subtracted)
  }
  if (transposed) {
    addAndSubtract(x1, x2, even, odd)
    addAndSubtract(x3, x4, evenQ, oddQ)
    zero.forEach((_, column) => {
      const mirrored = column % 2 === 0 ? [even, evenQ] : [odd, oddQ]
      const values = [x0, ...mirrored, x5]
      sum(
        bench.to[column] ?? 0,
        matrix.map((row, i) => [row[column] ?? 0, values[i] ?? 0] as const),
      )
    })
    return
  }
  const terms = (row: Row, parity?: number): Term[] =>
    row.flatMap((factor, i) =>
      parity === undefined || i % 2 === parity ? [[factor, bench.from[i] ?? 0] as const] : [],
    )
  sum(y0, terms(zero))
  sum(even, terms(p, 0))
  sum(odd, terms(p, 1))
  addAndSubtract(even, odd, y1, y2)
  sum(even, terms(q, 0))
  sum(odd, terms(q, 1))
  addAndSubtract(even, odd, y3, y4)
  sum(y5, terms(infinity))
}

type Term = readonly [factor: number, value: Local]

function emitSum(f: FunctionBuilder, arithmetic: Arithmetic, target: Local, terms: readonly Term[]): void {
  // A factor of 1 first: it costs no instruction.
  const wanted = terms
    .filter(([factor]) => factor !== 0)
    .sort(([a], [b]) => Number(b === 1) - Number(a === 1))
  wanted.forEach(([factor, value], i) => {
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
