import type { Arithmetic } from '../../plan/arithmetic.ts'
import { panelBytes, planMatmul } from '../../plan/matmul.ts'
import type { MatmulShape } from '../../plan/matmul.ts'
import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { Bound, FunctionBuilder, Local } from '../assembler/assembler.ts'
import { all, eachPiece, setLinear, share } from '../emit/partition.ts'
import type { Partition, Range } from '../emit/partition.ts'
import {
  clearTile,
  depthLoop,
  eachVector,
  splitRows,
  stepTile,
  storeTile,
  TILES,
  tileRegisters,
  vectorsOf,
  WIDEST_PANEL,
} from '../emit/tile.ts'
import type { Epilogue, Position, Tile } from '../emit/tile.ts'
import { packColumns, packedWidth, packRows } from './pack.ts'

/** A product of matrices; addresses are byte offsets of f32 buffers. */
export type MatmulSpec = MatmulShape & {
  readonly a: number
  readonly b: number
  readonly output: number
  readonly arithmetic: Arithmetic
  /** Address of `matmulScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for a loop, which holds one copy of it where a tile holds a dozen. */
  readonly loopEpilogue?: Epilogue | undefined
}

/** Bytes of scratch memory that each thread needs. */
export function matmulScratch(shape: MatmulShape): number {
  return planMatmul(shape, TILES).scratch.bytes
}

/** Every sum runs along the depth in order, in blocks of fixed size, so that its bits do not depend on the threads. */
export function emitMatmul(f: FunctionBuilder, spec: MatmulSpec, partition?: Partition): void {
  const layout = planMatmul(spec, TILES)
  const { rows, columns, depth, batch, parts = false } = spec
  const rowOfA = parts ? batch * depth : depth
  const { transposeA, transposeB, packed, whole, strips } = layout
  const registers = tileRegisters(f)
  const integer = () => f.local('i32')
  const [matrix, row, column, block] = [integer(), integer(), integer(), integer()]
  const [group, inGroup] = [integer(), integer()]
  const [a, b, counter, panel] = [integer(), integer(), integer(), integer()]
  const [element, rowBytes, columnBytes, partial] = [integer(), integer(), integer(), integer()]
  const blocked = pieceCount(layout.blocks) > 1
  const { scratch } = layout

  const panelCount = pieceCount(layout.columns)
  const inRows = (split: Pieces): Range =>
    layout.axis === 'rows' ? share(f, pieceCount(split), partition) : all(split)
  const { matrices, panels } = panelsOfThread()

  if (partition === undefined) f.i32(spec.scratch).set(panel)
  else setLinear(f, panel, spec.scratch, [[partition.thread, scratch.bytes]])

  f.for(matrix, matrices.from, matrices.to, 1, () => {
    if (whole) rowByRow()
    else panelByPanel()
  })

  /** Which matrices the thread works on, and on which panels of the one that the local `matrix` names. */
  function panelsOfThread(): { matrices: Range; panels: () => Range } {
    const every = { matrices: { from: 0, to: batch }, panels: () => all(layout.columns) }
    if (layout.axis === 'rows' || partition === undefined) return every
    const { from, to } = share(f, batch * panelCount, partition)
    if (batch === 1) return { ...every, panels: () => ({ from, to }) }
    const [first, last] = [divided(from, 0), divided(to, panelCount - 1)]
    return { matrices: { from: first, to: last }, panels: () => ({ from: inMatrix(from), to: inMatrix(to) }) }
  }

  function divided(bound: Bound, more: number): Bound {
    const local = integer()
    f.bound(bound).i32(more).op('i32.add').i32(panelCount).op('i32.div_u').set(local)
    return { local }
  }

  /** A panel's number, counted over all matrices, as one of this matrix; below 0 or too large for one of another. */
  function inMatrix(bound: Bound): Bound {
    const local = integer()
    f.bound(bound).get(matrix).i32(panelCount).op('i32.mul', 'i32.sub').set(local)
    return { local }
  }

  function rowByRow(): void {
    eachPiece(f, layout.columns, all(layout.columns), column, (width) => pack(width, depth))
    const groups = splitWithRest(rows, layout.rowsAtOnce)
    eachPiece(f, groups, inRows(groups), group, (count) => {
      if (strips) packStrip(count)
      eachPiece(f, layout.columns, all(layout.columns), column, (width) => {
        const tiles = splitRows(count, width)
        eachPiece(f, tiles, all(tiles), inGroup, (height) => {
          setLinear(f, row, 0, [
            [group, 1],
            [inGroup, 1],
          ])
          multiply({ rows: height, columns: width }, depth, strips ? packedWidth(count) : undefined)
        })
      })
      if (spec.loopEpilogue) sweep(count, spec.loopEpilogue)
    })
  }

  /** Applies the epilogue to so many rows of sums in scratch memory. */
  function sweep(count: number, epilogue: Epilogue): void {
    const [line, end, waiting, sum] = [integer(), integer(), integer(), f.local('v128')]
    f.get(group).i32(count).op('i32.add').set(end)
    f.for(line, { local: group }, { local: end }, 1, () => {
      setLinear(f, rowBytes, 0, [
        [matrix, 4 * rows],
        [line, 4],
      ])
      f.for(columnBytes, 0, 4 * columns, 16, () => {
        setLinear(f, waiting, scratch.sweep, [
          [panel, 1],
          [line, 4 * columns],
          [group, -4 * columns],
          [columnBytes, 1],
        ])
        f.get(waiting).memory('v128.load').set(sum)
        setLinear(f, element, 0, [
          [matrix, 4 * rows * columns],
          [line, 4 * columns],
          [columnBytes, 1],
        ])
        const at = (local: Local): Position => ({ local, bytes: 0 })
        f.get(element)
        epilogue(f, sum, { element: at(element), row: at(rowBytes), column: at(columnBytes), lanes: 4 })
        f.memory('v128.store', spec.output)
      })
    })
  }

  function panelByPanel(): void {
    eachPiece(f, layout.columns, panels(), column, (width) => {
      const tiles = splitRows(rows, width)
      const mine = inRows(tiles)
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
  }

  /** Sets b to where the panel begins in the block. */
  function locatePanel(): void {
    setLinear(f, b, spec.b, [
      [matrix, spec.sharedB ? 0 : 4 * depth * columns],
      [column, 4 * (transposeB ? depth : 1)],
      [block, 4 * (transposeB ? 1 : columns)],
    ])
  }

  /** Sets b to where the panel's copy begins. */
  function locatePacked(): void {
    setLinear(f, b, 0, [
      [panel, 1],
      [column, whole ? 4 * depth : 0],
    ])
  }

  function pack(width: number, length: number): void {
    locatePacked()
    f.get(b).set(a)
    locatePanel()
    if (transposeB) packRows(f, b, a, length, depth, width)
    else packColumns(f, b, a, length, columns, width)
  }

  /** Copies what the next rows of the result take of a. */
  function packStrip(count: number): void {
    setLinear(f, a, spec.a, [
      [matrix, 4 * rows * depth],
      [group, 4],
    ])
    setLinear(f, b, scratch.strip, [[panel, 1]])
    packColumns(f, a, b, depth, rows, count)
  }

  /** `strip`: how far apart the numbers of a row lie in a copy of a. */
  function multiply(tile: Tile, length: number, strip?: number): void {
    if (strip === undefined) {
      setLinear(f, a, spec.a, [
        [matrix, 4 * (parts ? depth : rows * depth)],
        [row, 4 * (transposeA ? 1 : rowOfA)],
        [block, 4 * (transposeA ? rows : 1)],
      ])
    } else {
      setLinear(f, a, scratch.strip, [
        [panel, 1],
        [inGroup, 4],
      ])
    }
    if (packed) locatePacked()
    else locatePanel()
    const [aRow, aStep] = transposeA ? [4, 4 * (strip ?? rows)] : [4 * rowOfA, 4]
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
    f.get(panel).i32(scratch.partial).op('i32.add').i32(0).i32(panelBytes(rows, WIDEST_PANEL)).memoryFill()
  }

  function locatePartial(): void {
    setLinear(f, partial, scratch.partial, [
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
    if (whole && spec.loopEpilogue) {
      setLinear(f, element, scratch.sweep, [
        [panel, 1],
        [inGroup, 4 * columns],
        [column, 4],
      ])
      storeTile(f, registers, tile, {
        output: 0,
        rowStride: columns,
        rowStep: 1,
        element,
        row: rowBytes,
        column: columnBytes,
        epilogue: undefined,
      })
      return
    }
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
