// The register tile that matrix products and convolutions are made of: a few rows by a few vectors of columns whose
// sums stay in registers while they run along the depth of the product.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { TileSizes } from '../../plan/matmul.ts'
import { splitEvenly, splitPanels } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { FunctionBuilder, Integer, Vector } from '../assembler/function-builder.ts'
import { multiplyAdd } from '../math/arithmetic.ts'
import { advance } from './integers.ts'
import { storeLanes } from './lanes.ts'

/** A byte offset that is known when the code runs, plus one that is known now. */
export type Position = { readonly local: Integer; readonly bytes: number }

/**
 * Position of a vector of results: byte offsets, from the start of its buffer, of its first element in a row-major f32
 * tensor of the whole result, in one f32 per row, and in one f32 per column. Of its 4 lanes the first `lanes` count.
 */
export type ResultPosition = {
  readonly element: Position
  readonly row: Position
  readonly column: Position
  readonly lanes: number
}

/** Leaves on the stack what is to be stored of a vector of results. */
export type Epilogue = (f: FunctionBuilder, result: Vector, at: ResultPosition) => void

/** Rows by columns of results; `columns` need not be a multiple of 4. */
export type Tile = { readonly rows: number; readonly columns: number }

/**
 * Vector registers that a loop may use: of the 16 of x64, V8 keeps one for itself. V8 moves all loads of a loop's body
 * before its arithmetic, so that a step holds its operands and its sums in registers at once: that bounds the tile,
 * and how often a loop is unrolled. Past the bound it spills and runs at half the rate (bench/kernels.ts).
 */
const REGISTERS = 15

/** Columns of most tiles, and of the widest. */
export const PANEL = 8
export const WIDEST_PANEL = 12

export const TILES: TileSizes = {
  lanes: 4,
  usual: PANEL,
  widest: WIDEST_PANEL,
  usualRows: 4,
  commonRows: 12,
  longRows: 128,
  waits: false,
}

export function splitColumns(columns: number): Pieces {
  return splitPanels(columns, TILES)
}

/** Rows in tiles that fit the registers beside some columns. */
export function splitRows(rows: number, columns: number): Pieces {
  return splitEvenly(rows, [6, 4, 3][Math.ceil(columns / 4) - 1] ?? 1)
}

export type TileRegisters = {
  readonly sums: readonly Vector[]
  readonly b: readonly Vector[]
  readonly a: Vector
}

export function tileRegisters(f: FunctionBuilder): TileRegisters {
  return { sums: f.locals('v128', 12), b: f.locals('v128', 3), a: f.local('v128') }
}

export function vectorsOf(tile: Tile): number {
  return Math.ceil(tile.columns / 4)
}

/** The sum of row r and vector v. */
function sumOf(registers: TileRegisters, tile: Tile, row: number, vector: number): Vector {
  const local = registers.sums[row * vectorsOf(tile) + vector]
  if (local === undefined) throw new Error('the tile is too large for its registers')
  return local
}

export function clearTile(f: FunctionBuilder, registers: TileRegisters, tile: Tile): void {
  for (const local of registers.sums.slice(0, tile.rows * vectorsOf(tile))) f.f32x4(0).set(local)
}

/** One step along the depth: `loadA` pushes the splat of a row's factor, `loadB` a vector of the columns'. */
export function stepTile(
  f: FunctionBuilder,
  registers: TileRegisters,
  tile: Tile,
  arithmetic: Arithmetic,
  loadA: (row: number) => void,
  loadB: (vector: number) => void,
): void {
  const b = registers.b.slice(0, vectorsOf(tile))
  b.forEach((local, vector) => {
    loadB(vector)
    f.set(local)
  })
  for (let row = 0; row < tile.rows; row++) {
    loadA(row)
    f.set(registers.a)
    b.forEach((local, vector) => {
      const sum = sumOf(registers, tile, row, vector)
      f.get(registers.a).get(local)
      multiplyAdd(f, arithmetic, () => f.get(sum))
      f.set(sum)
    })
  }
}

/** A pointer into memory that moves by a fixed number of bytes with every step along the depth. */
export type Cursor = { readonly local: Integer; readonly step: number }

/** A product along a depth, which adds to the sums of a tile and moves its cursors on past the end. */
export type TileProduct = {
  readonly depth: number
  readonly counter: Integer
  readonly arithmetic: Arithmetic
  /** Factors of the rows, `row` bytes apart, each for all columns; with `vectors`, four for the four columns. */
  readonly a: Cursor & { readonly row: number; readonly vectors?: boolean }
  /** Factors of the columns, side by side, or as `load` pushes a vector of them. */
  readonly b: Cursor & { readonly load?: ((vector: number, k: number) => void) | undefined }
}

export function multiplyTile(
  f: FunctionBuilder,
  registers: TileRegisters,
  tile: Tile,
  { depth, counter, arithmetic, a, b }: TileProduct,
): void {
  const loadA = a.vectors === true ? 'v128.load' : 'v128.load32_splat'
  const loadB = b.load ?? ((vector, k) => f.get(b.local).memory('v128.load', k * b.step + 16 * vector))
  depthLoop(f, tile, depth, [a, b], counter, (k) => {
    stepTile(
      f,
      registers,
      tile,
      arithmetic,
      (row) => f.get(a.local).memory(loadA, row * a.row + k * a.step),
      (vector) => loadB(vector, k),
    )
  })
}

/**
 * Runs `step` for 0 .. depth - 1, as many at a time as the tile leaves registers for: its argument counts from where
 * the cursors stand, which move on past the end.
 */
function depthLoop(
  f: FunctionBuilder,
  tile: Tile,
  depth: number,
  cursors: readonly Cursor[],
  counter: Integer,
  step: (k: number) => void,
): void {
  const vectors = vectorsOf(tile)
  const free = REGISTERS - tile.rows * vectors
  const unroll = Math.min(4, Math.max(1, Math.floor(free / (tile.rows + vectors))))
  const rounds = depth <= unroll ? 0 : Math.floor(depth / unroll)
  if (rounds > 0) {
    f.for(counter, 0, rounds, 1, () => {
      for (let k = 0; k < unroll; k++) step(k)
      for (const cursor of cursors) advance(f, cursor.local, unroll * cursor.step)
    })
  }
  const rest = depth - rounds * unroll
  for (let k = 0; k < rest; k++) step(k)
  if (rest > 0) for (const cursor of cursors) advance(f, cursor.local, rest * cursor.step)
}

/** Calls `visit` for every vector of a tile with its sum, its row, its first column and its lanes that count. */
export function eachVector(
  registers: TileRegisters,
  tile: Tile,
  visit: (sum: Vector, row: number, column: number, lanes: number) => void,
): void {
  for (let row = 0; row < tile.rows; row++) {
    for (let vector = 0; vector < vectorsOf(tile); vector++) {
      const column = 4 * vector
      visit(sumOf(registers, tile, row, vector), row, column, Math.min(4, tile.columns - column))
    }
  }
}

/** The place of a tile of results: locals hold the byte offsets of its first one, as in `ResultPosition`. */
export type Destination = {
  readonly output: number
  /** Elements from one row to the next. */
  readonly rowStride: number
  /** Rows of the whole result from one row to the next. */
  readonly rowStep: number
  readonly element: Integer
  readonly row: Integer
  readonly column: Integer
  readonly epilogue: Epilogue | undefined
}

export function storeTile(
  f: FunctionBuilder,
  registers: TileRegisters,
  tile: Tile,
  { output, rowStride, rowStep, element, row, column, epilogue }: Destination,
): void {
  eachVector(registers, tile, (sum, r, c, lanes) => {
    const at = {
      element: { local: element, bytes: 4 * (r * rowStride + c) },
      row: { local: row, bytes: 4 * r * rowStep },
      column: { local: column, bytes: 4 * c },
      lanes,
    }
    storeResult(f, sum, at, output, epilogue)
  })
}

/** Stores a vector of results, changed by the epilogue, in the buffer at `output`. */
export function storeResult(
  f: FunctionBuilder,
  result: Vector,
  at: ResultPosition,
  output: number,
  epilogue: Epilogue | undefined,
): void {
  if (epilogue !== undefined) {
    epilogue(f, result, at)
    f.set(result)
  }
  const { element, lanes } = at
  storeLanes(f, result, lanes, element.local, output + element.bytes)
}

/** The position in a local alone. */
export function positionOf(local: Integer): Position {
  return { local, bytes: 0 }
}
