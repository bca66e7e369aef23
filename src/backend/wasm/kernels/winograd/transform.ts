// Transforms of squares of vectors to Winograd's domain and back.

import type { Arithmetic } from '../../../plan/arithmetic.ts'
import { PRODUCTS } from '../../../plan/winograd.ts'
import type { WinogradMatrix } from '../../../plan/winograd.ts'
import type { Bound, FunctionBuilder, Local } from '../../assembler/assembler.ts'
import { advance } from '../../emit/tile.ts'
import { multiplyAdd } from '../../math/arithmetic.ts'

/** A matrix times a vector, six values of as many as it has columns; or its transpose times six values. */
export type Transform = { readonly matrix: WinogradMatrix; readonly transposed: boolean }

export const spread = (matrix: WinogradMatrix): Transform => ({ matrix, transposed: false })
export const collect = (matrix: WinogradMatrix): Transform => ({ matrix, transposed: true })

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
  const terms = (row: readonly number[], parity?: number): Term[] =>
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
