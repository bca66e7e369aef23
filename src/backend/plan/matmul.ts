// Layout of a matrix product: its panels and blocks, what is copied first, what threads share.

import { pieceCount, splitPanels, splitWithRest } from './pieces.ts'
import type { PanelWidths, Pieces } from './pieces.ts'

/**
 * output [batch, rows, columns] = a [batch, rows, depth] times b [batch, depth, columns], either of them transposed
 * where it lies in memory; `sharedB`: b has no batch axis.
 */
export type MatmulShape = {
  readonly batch: number
  readonly sharedB: boolean
  /** The matrices of a lie side by side, not one after the other: row r of matrix m is the mth part of one long row. */
  readonly parts?: boolean
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly stacked?: StackedMatrices | undefined
}

/**
 * The depth is that of several matrices, stacked, each of which is summed from 0: elements of a and b from one step along its
 * depth to the next, and from one matrix to the next.
 */
export type StackedMatrices = {
  readonly count: number
  readonly reverse: boolean
  readonly a: StackedRows
  readonly b: StackedRows
}
type StackedRows = { readonly step: number; readonly matrix: number }

/**
 * Register tiles of a machine: numbers of a vector, panel widths, rows of a tile of the usual width, a multiple of every
 * tile's rows, rows from which a result is computed row by row; `waits`: the sums of a panel wait in memory for their
 * epilogue.
 */
export type TileSizes = PanelWidths & {
  readonly lanes: number
  readonly waits: boolean
  readonly usualRows: number
  readonly commonRows: number
  readonly longRows: number
}

/**
 * Depth of a block: its panel of b stays in the first cache, and sums of long products lose less to rounding. Blocks
 * decide the bits of a product, so every machine uses the same.
 */
const BLOCK = 512

/** The longest depth that is one block. */
export const WHOLE_DEPTH = 2 * BLOCK

/** Rows of a result from which a copy of b in tile order pays; a machine, whose tiles are tall, copies it for long rows. */
const PACKED_ROWS = 12

/**
 * The most bytes of the copy of b for a result that is computed row by row. Its epilogue then runs along whole rows, with
 * its constants and its operands where they can be reached fast.
 */
const WHOLE_BYTES = 2 ** 18

/**
 * A machine computes its result row by row whatever b takes, in stripes: lines of a panel's rows, far apart, would arrive
 * from memory one by one. From some rows on threads share these, and each copies all of b; else they share stripes of some
 * panels.
 */
const TALL_ROWS = 384
const [SHARED_STRIPES, FEWEST_PANELS] = [8, 4]
/** The depth up to which the latter pays: products of fewer rows that are deeper want a panel of b for all rows. */
const SHALLOW = 256
/** The most bytes of the copy of b for a stripe. */
const STRIPE_BYTES = 2 ** 20

/**
 * A machine computes the few rows of a result row by row from b itself, too, since each call takes its time: where threads
 * share the panels, or b is so small that all of it stays in the second cache.
 */
const NEAR_BYTES = 2 ** 17

/**
 * Panels of a result, and their depth, from which that of a transposed a which a few rows take is copied too: its lines
 * are as far apart as a row of a is long, and where that is a power of two they share very few sets of the first cache.
 */
const MANY_PANELS = 8
const DEEP = 128

/** Rows of a machine's panel whose sums stay in the first cache until their epilogue. */
const GROUP_ROWS = 192

export type MatmulPlan = {
  readonly columns: Pieces
  /** Columns that are computed row by row, one stripe of the result after the other, where `whole`. */
  readonly stripes: Pieces
  /** Blocks along the depth; with more than one, sums wait in scratch memory. */
  readonly blocks: Pieces
  readonly packed: boolean
  /** All of b is packed at once, for a result that is computed row by row. */
  readonly whole: boolean
  /** Strips of a are copied too, a few rows of the result at a time. */
  readonly strips: boolean
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** The pieces that threads share: the panels of all matrices, or the rows of each. */
  readonly axis: 'panels' | 'rows'
  /** Rows of a `whole` result, or of a machine's panel, that are computed before their epilogue: whole tiles of every panel. */
  readonly rowsAtOnce: number
  /** Byte offsets in a thread's scratch memory, which begins with the copy of b, and its length. */
  readonly scratch: {
    readonly partial: number
    readonly sweep: number
    readonly strip: number
    readonly bytes: number
  }
}

export function planMatmul(shape: MatmulShape, tiles: TileSizes): MatmulPlan {
  // A single row or column lies in memory the same either way.
  const { stacked } = shape
  const transposeA = shape.transposeA && ((shape.depth > 1 && shape.rows > 1) || stacked !== undefined)
  const transposeB = shape.transposeB && shape.depth > 1 && shape.columns > 1
  const blocks = splitWithRest(shape.depth, stacked ? shape.depth / stacked.count : blockLength(shape.depth))
  const packed =
    (stacked === undefined &&
      shape.rows >= (tiles.waits ? tiles.longRows : PACKED_ROWS) &&
      (transposeB || shape.columns > tiles.usual)) ||
    (transposeB && tiles.waits)
  const fits = panelBytes(shape.depth, packedWidth(shape.columns, tiles.lanes)) <= WHOLE_BYTES
  const striped = tiles.waits && (shape.rows >= TALL_ROWS || shape.depth <= SHALLOW)
  const columns = splitPanels(shape.columns, tiles)
  const panels = shape.batch * pieceCount(columns)
  const manyPanels = panels >= Math.min(8, shape.rows / 4)
  const near = manyPanels || panelBytes(shape.depth, shape.columns) <= NEAR_BYTES
  const direct = tiles.waits && !packed && shape.columns > tiles.usual && pieceCount(blocks) === 1 && near
  const copied = packed && pieceCount(blocks) === 1 && shape.rows >= tiles.longRows && (fits || striped)
  const shared = direct || (!fits && shape.rows < TALL_ROWS)
  const most = shared ? Math.max(FEWEST_PANELS, Math.ceil(panels / SHARED_STRIPES)) : Infinity
  const stripes = splitStripes(shape, tiles, most)
  const shortest = Math.min(...stripes.map(({ size }) => size))
  const usual = columns.every(({ size }) => size === tiles.usual)
  const plan = {
    columns,
    stripes,
    blocks,
    packed,
    whole: direct || copied,
    strips: copied && transposeA && shape.depth >= DEEP && shortest >= MANY_PANELS * tiles.usual,
    transposeA,
    transposeB,
    // Whole rows of a result are whole lines of memory, which threads then need not take from each other.
    axis: (!copied || shared) && manyPanels ? ('panels' as const) : ('rows' as const),
    rowsAtOnce: !copied && tiles.waits ? GROUP_ROWS : usual ? tiles.usualRows : tiles.commonRows,
  }
  return { ...plan, scratch: scratchOf(shape, plan, tiles) }
}

/** As few stripes of whole panels, some at most, as their copies of b allow, as equal as possible. */
function splitStripes(
  { columns, depth }: MatmulShape,
  { usual, widest, waits }: TileSizes,
  most: number,
): Pieces {
  if (!waits) return splitWithRest(columns, columns)
  const panels = Math.ceil(columns / usual)
  const fit = Math.max(1, Math.min(most, Math.floor(STRIPE_BYTES / panelBytes(depth, usual))))
  const width = usual * Math.ceil(panels / Math.ceil(panels / fit))
  return splitPanels(columns, { usual: width, widest: width + widest - usual })
}

/** A length near BLOCK that divides the depth, so that the code holds tiles of one length, or BLOCK itself. */
function blockLength(depth: number): number {
  if (depth <= WHOLE_DEPTH) return depth
  for (let length = BLOCK + BLOCK / 2; length >= BLOCK / 2; length--) {
    if (depth % length === 0) return length
  }
  return BLOCK
}

function scratchOf(
  { rows, depth }: MatmulShape,
  { packed, whole, stripes, strips, blocks, rowsAtOnce }: Omit<MatmulPlan, 'scratch'>,
  { lanes, widest, waits }: TileSizes,
): MatmulPlan['scratch'] {
  const columns = Math.max(...stripes.map(({ size }) => size))
  const partial = packed ? panelBytes(blocks[0]?.size ?? 0, whole ? packedWidth(columns, lanes) : widest) : 0
  const waiting = pieceCount(blocks) > 1 ? rows : whole || waits ? Math.min(rows, rowsAtOnce) : 0
  const sweep = partial + (whole ? 0 : panelBytes(waiting, widest))
  const strip = sweep + (whole ? panelBytes(waiting, columns) : 0)
  const end = strip + (strips ? panelBytes(depth, rowsAtOnce) : 0)
  return { partial, sweep, strip, bytes: (end + 63) & ~63 }
}

export function isStriped({ stripes }: MatmulPlan): boolean {
  return pieceCount(stripes) > 1
}

/** Rows of a group where threads share the rows: eight groups, but of a tile at least. */
export function rowsOfGroup(rows: number, { rowsAtOnce }: MatmulPlan): number {
  return Math.min(rowsAtOnce, Math.max(12, Math.ceil(rows / 8)))
}

/** Numbers of each step along the depth in a copy of some columns: whole vectors. */
export function packedWidth(columns: number, lanes = 4): number {
  return lanes * Math.ceil(columns / lanes)
}

/** Bytes of packed f32 columns. */
export function panelBytes(depth: number, columns: number): number {
  return 4 * depth * columns
}
