import { sizeOf } from '../../ir/ir.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { isLongFunction } from './element-program.ts'
import type { ElementProgram, LongFunction } from './element-program.ts'
import type { MatmulShape, TileSizes } from './matmul.ts'
import { convolutionWindow, isProduct, matmulShape } from './products.ts'
import type { Convolution } from './products.ts'
import { isDepthwise } from './window.ts'
import { suitsWinograd } from './winograd.ts'

/**
 * Tiles of sums, one below the other: `count` times [rows, columns] = a [rows, depth] times b [depth, columns], each sum
 * one fused multiply-add after the other along the depth, from 0. Distances are in bytes.
 */
export type TileRun = {
  readonly rows: number
  readonly columns: number
  readonly depth: number
  /**
   * From one row of a to the next, and from one step along the depth to the next; `own`: every column has a number of its
   * own there, which lie as those of b do.
   */
  readonly a: { readonly row: number; readonly step: number; readonly own?: true }
  /** From one step along the depth to the next; columns lie side by side, and what follows them can be read up to a whole vector. */
  readonly b: { readonly step: number }
  /** Loops around the depth, the inner first: a sum goes on through all of their turns. */
  readonly runs?: readonly Turns[]
  /**
   * Several depths, each summed from 0; their sums are added to the result, or to 0, one after the other. There are no
   * matrices then.
   */
  readonly parts?: Turns
  /** From one row of the result to the next; `padded`: rows are stored up to a whole vector. */
  readonly out: { readonly row: number; readonly padded?: true }
  /** True to add the sums to the result, false to store them; `zero`: to store them added to 0, which makes 0 of -0. */
  readonly adds: boolean | 'zero'
  /** Several matrices, which `count` counts then: the tiles of each, and from one matrix to the next. */
  readonly matrices?: Readonly<Record<'tiles' | 'a' | 'b' | 'out', number>>
}

/** Turns of a loop, and from one to the next. */
export type Turns = Readonly<Record<'count' | 'a' | 'b', number>>

/**
 * Rows of numbers, each replaced in `program` by what it makes of them: `columns` of a result. Distances from one row to
 * the next are in bytes: of the numbers, and of one f32 for each row of the result.
 */
export type SweepRun = {
  readonly program: ElementProgram
  readonly columns: number
  readonly sums: number
  readonly row: number
  /** Several matrices, which `count` counts then: the rows of each, and `sums` and `row` from one to the next. */
  readonly matrices?: Readonly<Record<'rows' | 'sums' | 'row', number>>
}

/** A stream of random numbers: the addresses of its counter and key or the key's words, and its name's hash. */
export type RandomRun = {
  readonly counter: Word
  readonly key: readonly [Word, Word]
  readonly id: readonly [number, number]
}
type Word = number | { readonly address: number }

/** A maker of functions outside of WebAssembly that multiply tiles, to the same bits. */
export interface TileMachine {
  readonly sizes: TileSizes
  /** Rows of a tile with that many columns. */
  rowsBeside(columns: number): number
  /** The number of the function (a, b, out, count) that computes such tiles; arguments are addresses and a count. */
  functionOf(run: TileRun): number
  /** The number of the function (x, nothing, out, count) that evaluates a function of the numbers of `count` vectors. */
  mapOf(name: LongFunction): number
  /**
   * The number of the function (numbers, row, column, count) that sweeps `count` rows from the place on that bytes behind
   * one f32 for each row and one for each column name; undefined where the machine lacks registers for the program.
   */
  sweepOf(run: SweepRun): number | undefined
  /** The number of the function (first, nothing, out, count) that writes `count` times `lanes` blocks of four random numbers. */
  randomOf(run: RandomRun): number
}

/**
 * Vectors of a row from which the last one may be cut short: masks slow stores down, and what is stored by a mask can only be
 * loaded again, with what is beside it, when it has left the processor.
 */
const LONG = 4

/** True for rows of some columns that a machine stores without delay. */
export function storesRows(columns: number, { lanes }: Pick<TileSizes, 'lanes'>): boolean {
  return columns % lanes === 0 || columns >= LONG * lanes
}

/** Numbers from which a machine evaluates a function of them, in a kernel of its own. */
const NUMBERS = 512

export function suitsMap(value: Value): value is Value<'unary'> & { readonly function: LongFunction } {
  return (
    value.op === 'unary' &&
    isLongFunction(value.function) &&
    value.x.dtype === 'f32' &&
    sizeOf(value.shape) >= NUMBERS
  )
}

/** Rows and columns of a result from which a machine's tiles are well filled, and multiply-adds from which a machine pays. */
const [ROWS, COLUMNS, WORK] = [2, 5, 2 ** 15]
/** Rows from which it pays to copy a transposed b. */
const ROWS_TO_PACK = 6
/**
 * Multiply-adds from which a call pays in a program that calls a machine anyway: products with a transposed a are gradients,
 * of whose numbers the epilogue makes new weights.
 */
const LEAST_WORK = { plain: 2 ** 14, transposeA: 2 ** 12, transposeB: WORK } as const

/** True for a product that is worth opening a machine for. */
function wantsTiles(shape: MatmulShape): boolean {
  return suitsMachine(shape) && workOf(shape) >= WORK
}

export function suitsMachine(shape: MatmulShape): boolean {
  const { rows, columns, transposeA, transposeB } = shape
  const kind = transposeB ? 'transposeB' : transposeA ? 'transposeA' : 'plain'
  return rows >= (transposeB ? ROWS_TO_PACK : ROWS) && columns >= COLUMNS && workOf(shape) >= LEAST_WORK[kind]
}

function workOf({ batch, rows, columns, depth }: MatmulShape): number {
  return batch * rows * columns * depth
}

/** The same of a convolution or one of its gradients, where Winograd's way does not suit it. */
export function suitsTiles(product: Convolution): boolean {
  const window = convolutionWindow(product)
  const { batch, output, size, channels, filters, groups } = window
  const ofGroup = (product.op === 'convolution_input_gradient' ? channels : filters) / groups
  const columns = isDepthwise(window) ? channels : ofGroup
  const pixels = batch * sizeOf(output)
  const work = (pixels * sizeOf(size) * channels * filters) / groups
  return pixels >= ROWS && columns >= COLUMNS && work >= WORK
}

/** True if a program holds something that suits a machine. */
export function wantsMachine({ values }: Program): boolean {
  return values.some((value: Value) => {
    if (value.op === 'scan') return wantsMachine(value.body)
    if (value.op === 'unary') return suitsMap(value)
    if (value.op === 'matmul') return wantsTiles(matmulShape(value))
    return isProduct(value) && (suitsWinograd(convolutionWindow(value)) || suitsTiles(value))
  })
}
