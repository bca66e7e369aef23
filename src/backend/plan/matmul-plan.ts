// How a matrix product is laid out: its panels and blocks, what is copied first, what threads share.

import type { Arithmetic } from '../wasm/emit/arithmetic.ts'
import { panelBytes } from '../wasm/kernels/pack.ts'
import { pieceCount, splitWithRest } from '../wasm/emit/partition.ts'
import type { Split } from '../wasm/emit/partition.ts'
import { PANEL, splitColumns, WIDEST_PANEL } from '../wasm/emit/tile.ts'
import type { Epilogue } from '../wasm/emit/tile.ts'

/**
 * output [batch, rows, columns] = a [batch, rows, depth] times b [batch, depth, columns], either of them transposed
 * where it lies in memory; `sharedB`: b has no batch axis. Addresses are byte offsets of f32 buffers.
 */
export type MatmulSpec = {
  readonly a: number
  readonly b: number
  readonly output: number
  readonly batch: number
  readonly sharedB: boolean
  /** The matrices of a lie side by side, not one after the other: row r of matrix m is the mth part of one long row. */
  readonly parts?: boolean
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly arithmetic: Arithmetic
  /** Address of `matmulScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for a loop, which holds one copy of it where a tile holds a dozen. */
  readonly loopEpilogue?: Epilogue | undefined
}

/** Depth of a block: its panel of b stays in the first cache, and sums of long products lose less to rounding. */
const BLOCK = 512

/** Rows of a result from which a copy of b in tile order pays. */
const PACKED_ROWS = 12

/**
 * Rows of a result from which it is computed row by row, for which the copy of b must be at most so many bytes. Its
 * epilogue then runs along whole rows, with its constants and its operands where they can be reached fast.
 */
const LONG_ROWS = 128
const WHOLE_BYTES = 2 ** 18

/**
 * Panels of a result, and their depth, from which that of a transposed a which a few rows take is copied too: its lines
 * are as far apart as a row of a is long, and where that is a power of two they share very few sets of the first cache.
 */
const MANY_PANELS = 8
const DEEP = 128

export type Plan = {
  readonly columns: Split
  /** Blocks along the depth; with more than one, sums wait in scratch memory. */
  readonly blocks: Split
  readonly packed: boolean
  /** Whether all of b is packed at once, for a result that is computed row by row. */
  readonly whole: boolean
  /** Whether a is copied too, a few rows of the result at a time. */
  readonly strips: boolean
  readonly transposeA: boolean
  readonly transposeB: boolean
  /** What threads share: the panels of all matrices, or the rows of each. */
  readonly axis: 'panels' | 'rows'
}

export function plan(spec: MatmulSpec): Plan {
  // A single row or column lies in memory the same either way.
  const transposeA = spec.transposeA && spec.depth > 1 && spec.rows > 1
  const transposeB = spec.transposeB && spec.depth > 1 && spec.columns > 1
  const blocks = splitWithRest(spec.depth, blockLength(spec.depth))
  const packed = spec.rows >= PACKED_ROWS && (transposeB || spec.columns > PANEL)
  const whole =
    packed &&
    spec.columns % 4 === 0 &&
    pieceCount(blocks) === 1 &&
    spec.rows >= LONG_ROWS &&
    panelBytes(spec.depth, spec.columns) <= WHOLE_BYTES
  const columns = splitColumns(spec.columns)
  const panels = spec.batch * pieceCount(columns)
  return {
    columns,
    blocks,
    packed,
    whole,
    strips: whole && transposeA && spec.depth >= DEEP && pieceCount(columns) >= MANY_PANELS,
    transposeA,
    transposeB,
    // Whole rows of a result are whole lines of memory, which threads then need not take from each other.
    axis: !whole && panels >= Math.min(8, spec.rows / 4) ? 'panels' : 'rows',
  }
}

/** A length near BLOCK that divides the depth, so that the code holds tiles of one length, or BLOCK itself. */
function blockLength(depth: number): number {
  if (depth <= 2 * BLOCK) return depth
  for (let length = BLOCK + BLOCK / 2; length >= BLOCK / 2; length--) {
    if (depth % length === 0) return length
  }
  return BLOCK
}

/** Bytes of scratch memory that each thread needs. */
export function matmulScratch(spec: MatmulSpec): number {
  const layout = plan(spec)
  const { packed, whole, blocks } = layout
  const panel = packed ? panelBytes(blocks[0]?.size ?? 0, whole ? spec.columns : WIDEST_PANEL) : 0
  const partial = pieceCount(blocks) > 1 ? panelBytes(spec.rows) : 0
  const sweep = whole ? 4 * spec.columns * rowsAtOnce(layout) : 0
  const strip = layout.strips ? 4 * spec.depth * rowsAtOnce(layout) : 0
  return (panel + partial + sweep + strip + 63) & ~63
}

/** Rows that are computed before their epilogue: whole tiles of every panel. */
export function rowsAtOnce({ columns }: Plan): number {
  return columns.every(({ size }) => size === PANEL) ? 4 : 12
}
