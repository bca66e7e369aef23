import type { Arithmetic } from '../arithmetic.ts'
import type { FunctionBuilder } from '../assembler.ts'
import { packColumns, packRows, panelBytes } from './pack.ts'
import { all, eachPiece, pieceCount, setLinear, share, splitWithRest } from './partition.ts'
import type { Partition, Range, Split } from './partition.ts'
import {
  clearTile,
  depthLoop,
  eachVector,
  PANEL,
  splitColumns,
  splitRows,
  stepTile,
  storeTile,
} from './tile.ts'
import { tileRegisters, vectorsOf, WIDEST_PANEL } from './tile.ts'
import type { Epilogue, Tile } from './tile.ts'

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
  readonly rows: number
  readonly columns: number
  readonly depth: number
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly arithmetic: Arithmetic
  /** Address of `matmulScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
}

/** Depth of a block: its panel of b stays in the first cache, and sums of long products lose less to rounding. */
const BLOCK = 512

/** Rows of a result from which a copy of b in tile order pays. */
const PACKED_ROWS = 12

type Plan = {
  readonly columns: Split
  /** Blocks along the depth; with more than one, sums wait in scratch memory. */
  readonly blocks: Split
  readonly packed: boolean
  readonly transposeA: boolean
  readonly transposeB: boolean
  readonly axis: 'batch' | 'columns' | 'rows'
}

function plan(spec: MatmulSpec): Plan {
  // A single row or column lies in memory the same either way.
  const transposeA = spec.transposeA && spec.depth > 1 && spec.rows > 1
  const transposeB = spec.transposeB && spec.depth > 1 && spec.columns > 1
  const blocks = splitWithRest(spec.depth, blockLength(spec.depth))
  const columns = splitColumns(spec.columns)
  return {
    columns,
    blocks,
    packed: spec.rows >= PACKED_ROWS && (transposeB || spec.columns > PANEL),
    transposeA,
    transposeB,
    axis: spec.batch >= 4 ? 'batch' : pieceCount(columns) >= Math.min(8, spec.rows / 4) ? 'columns' : 'rows',
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
  const { packed, blocks } = plan(spec)
  const panel = packed ? panelBytes(blocks[0]?.size ?? 0) : 0
  const partial = pieceCount(blocks) > 1 ? panelBytes(spec.rows) : 0
  return (panel + partial + 63) & ~63
}

/** Every sum runs along the depth in order, in blocks of fixed size, so that its bits do not depend on the threads. */
export function emitMatmul(f: FunctionBuilder, spec: MatmulSpec, partition?: Partition): void {
  const layout = plan(spec)
  const { rows, columns, depth, batch } = spec
  const { transposeA, transposeB, packed } = layout
  const registers = tileRegisters(f)
  const integer = () => f.local('i32')
  const [matrix, row, column, block] = [integer(), integer(), integer(), integer()]
  const [a, b, counter, panel] = [integer(), integer(), integer(), integer()]
  const [element, rowBytes, columnBytes, partial] = [integer(), integer(), integer(), integer()]
  const blocked = pieceCount(layout.blocks) > 1
  const partialOffset = packed ? panelBytes(layout.blocks[0]?.size ?? 0) : 0

  const range = (axis: Plan['axis'], count: number): Range =>
    axis === layout.axis ? share(f, count, partition) : { from: 0, to: count }
  const matrices = range('batch', batch)
  const panels = range('columns', pieceCount(layout.columns))

  if (partition === undefined) f.i32(spec.scratch).set(panel)
  else setLinear(f, panel, spec.scratch, [[partition.thread, matmulScratch(spec)]])

  f.for(matrix, matrices.from, matrices.to, 1, () => {
    eachPiece(f, layout.columns, panels, column, (width) => {
      const tiles = splitRows(rows, width)
      const mine = range('rows', pieceCount(tiles))
      if (blocked) clearPartial()
      eachPiece(f, layout.blocks, all(layout.blocks), block, (length) => {
        if (packed) pack(width, length)
        eachPiece(f, tiles, mine, row, (height) => {
          multiply({ rows: height, columns: width }, length)
        })
      })
      if (blocked) {
        eachPiece(f, tiles, mine, row, (height) => {
          finish({ rows: height, columns: width })
        })
      }
    })
  })

  /** Sets b to where the panel begins in the block. */
  function locatePanel(): void {
    setLinear(f, b, spec.b, [
      [matrix, spec.sharedB ? 0 : 4 * depth * columns],
      [column, 4 * (transposeB ? depth : 1)],
      [block, 4 * (transposeB ? 1 : columns)],
    ])
  }

  function pack(width: number, length: number): void {
    locatePanel()
    if (transposeB) packRows(f, b, panel, length, depth, width)
    else packColumns(f, b, panel, length, columns, width)
  }

  function multiply(tile: Tile, length: number): void {
    setLinear(f, a, spec.a, [
      [matrix, 4 * rows * depth],
      [row, 4 * (transposeA ? 1 : depth)],
      [block, 4 * (transposeA ? rows : 1)],
    ])
    if (packed) f.get(panel).set(b)
    else locatePanel()
    const [aRow, aStep] = transposeA ? [4, 4 * rows] : [4 * depth, 4]
    const bStep = packed ? 16 * vectorsOf(tile) : transposeB ? 4 : 4 * columns
    clearTile(f, registers, tile)
    depthLoop(
      f,
      tile,
      length,
      [
        { local: a, step: aStep },
        { local: b, step: bStep },
      ],
      counter,
      (k) => {
        stepTile(
          f,
          registers,
          tile,
          spec.arithmetic,
          (r) => f.get(a).memory('v128.load32_splat', r * aRow + k * aStep),
          (vector) => {
            if (packed || !transposeB) f.get(b).memory('v128.load', 16 * vector + k * bStep)
            else gatherLanes(4 * vector, tile.columns, k)
          },
        )
      },
    )
    if (blocked) addToPartial(tile)
    else store(tile)
  }

  /** Pushes four columns of a matrix that lies transposed. */
  function gatherLanes(first: number, end: number, k: number): void {
    f.get(b).memory('v128.load32_zero', 4 * (first * depth + k))
    for (let lane = 1; lane < Math.min(4, end - first); lane++) {
      f.set(registers.a).get(b).get(registers.a)
      f.memoryLane('v128.load32_lane', lane, 4 * ((first + lane) * depth + k))
    }
  }

  function clearPartial(): void {
    f.get(panel).i32(partialOffset).op('i32.add').i32(0).i32(panelBytes(rows)).memoryFill()
  }

  function locatePartial(): void {
    setLinear(f, partial, partialOffset, [
      [panel, 1],
      [row, 4 * WIDEST_PANEL],
    ])
  }

  function addToPartial(tile: Tile): void {
    locatePartial()
    eachVector(registers, tile, (sum, r, c) => {
      const at = 4 * (r * WIDEST_PANEL + c)
      f.get(partial).get(partial).memory('v128.load', at).get(sum).op('f32x4.add').memory('v128.store', at)
    })
  }

  function finish(tile: Tile): void {
    locatePartial()
    eachVector(registers, tile, (sum, r, c) => {
      f.get(partial)
        .memory('v128.load', 4 * (r * WIDEST_PANEL + c))
        .set(sum)
    })
    store(tile)
  }

  function store(tile: Tile): void {
    setLinear(f, element, 0, [
      [matrix, 4 * rows * columns],
      [row, 4 * columns],
      [column, 4],
    ])
    setLinear(f, rowBytes, 0, [
      [matrix, 4 * rows],
      [row, 4],
    ])
    setLinear(f, columnBytes, 0, [[column, 4]])
    storeTile(f, registers, tile, {
      output: spec.output,
      rowStride: columns,
      rowStep: 1,
      element,
      row: rowBytes,
      column: columnBytes,
      epilogue: spec.epilogue,
    })
  }
}
