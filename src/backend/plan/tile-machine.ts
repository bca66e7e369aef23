import type { Program, Value } from '../../ir/ir.ts'
import type { MatmulShape, TileSizes } from './matmul.ts'
import { convolutionWindow, isProduct, matmulShape } from './products.ts'
import { suitsWinograd } from './winograd.ts'

/**
 * Tiles of sums, one below the other: `count` times [rows, columns] = a [rows, depth] times b [depth, columns], each sum
 * one fused multiply-add after the other along the depth, from 0. Distances are in bytes.
 */
export type TileRun = {
  readonly rows: number
  readonly columns: number
  readonly depth: number
  /** From one row of a to the next, and from one step along the depth to the next. */
  readonly a: { readonly row: number; readonly step: number }
  /** From one step along the depth to the next; columns lie side by side, up to a multiple of `lanes`. */
  readonly b: { readonly step: number }
  /** From one row of the result to the next. */
  readonly out: { readonly row: number }
  /** True to add the sums to the result, false to store them. */
  readonly adds: boolean
  /** Several matrices, which `count` counts then: the tiles of each, and from one matrix to the next. */
  readonly matrices?: Readonly<Record<'tiles' | 'a' | 'b' | 'out', number>>
}

/** A maker of functions outside of WebAssembly that multiply tiles, to the same bits. */
export interface TileMachine {
  readonly sizes: TileSizes
  /** Rows of a tile with that many columns. */
  rowsBeside(columns: number): number
  /** The number of the function (a, b, out, count) that computes such tiles; arguments are addresses and a count. */
  functionOf(run: TileRun): number
}

/** Rows and columns of a result from which a machine's tiles are well filled, and multiply-adds from which a call pays. */
const [ROWS, COLUMNS, WORK] = [12, 8, 2 ** 15]

export function suitsMachine({ batch, rows, columns, depth }: MatmulShape): boolean {
  return rows >= ROWS && columns >= COLUMNS && batch * rows * columns * depth >= WORK
}

/** True if a program holds a product that suits a machine. */
export function wantsMachine({ values }: Program): boolean {
  return values.some((value: Value) => {
    if (value.op === 'scan') return wantsMachine(value.body)
    if (value.op === 'matmul') return suitsMachine(matmulShape(value))
    return isProduct(value) && suitsWinograd(convolutionWindow(value))
  })
}
