// Products of matrices: the order of panels, blocks and rows, and what threads share of them.

import { isStriped, panelBytes, planMatmul, rowsOfGroup, packedWidth } from '../../../plan/matmul.ts'
import type { MatmulShape } from '../../../plan/matmul.ts'
import { pieceCount, splitEvenly, splitPanels, splitWithRest } from '../../../plan/pieces.ts'
import type { Pieces } from '../../../plan/pieces.ts'
import type { TileMachine } from '../../../plan/tile-machine.ts'
import type { Bound, FunctionBuilder } from '../../assembler/function-builder.ts'
import { setLinear } from '../../emit/integers.ts'
import { all, eachPiece, eachSize, inSlice, isSlice, locateScratch, share } from '../../emit/partition.ts'
import type { Partition, PieceRange } from '../../emit/partition.ts'
import { splitRows, TILES } from '../../emit/tile.ts'
import type { ImportedMachine } from '../machine.ts'

import { kernelOf } from './kernel.ts'
import type { MatmulKernel, MatmulSpec } from './kernel.ts'
import { sumPanelRows, sumWholeRows } from './machine-tiles.ts'
import { packPanel, packStrip } from './operands.ts'
import { sweep } from './sweep.ts'
import { addToPartial, loadPartial, multiply, store, storeForSweep } from './tiles.ts'

/** Bytes of scratch memory that each thread needs. */
export function matmulScratch(shape: MatmulShape, machine?: TileMachine): number {
  return planMatmul(shape, machine?.sizes ?? TILES).scratch.bytes
}

/** Every sum runs along the depth in order, in blocks of fixed size, so that its bits do not depend on the threads. */
export function emitMatmul(f: FunctionBuilder, spec: MatmulSpec, partition?: Partition): void {
  const kernel = kernelOf(f, spec, partition)
  const { plan, at } = kernel
  const { matrices, panels } = panelsOfThread(kernel)
  locateScratch(f, at.scratch, spec.scratch, plan.scratch.bytes, partition)
  f.for(at.matrix, matrices.from, matrices.to, 1, () => {
    if (plan.whole) eachStripe(kernel, panels(), (columns) => rowByRow(kernel, columns))
    else panelByPanel(kernel, panels())
  })
}

/** The matrices that the thread works on, and the panels or stripes of the one that the local `matrix` names. */
function panelsOfThread({ f, spec: { batch }, plan, partition, at }: MatmulKernel): {
  matrices: PieceRange
  panels: () => PieceRange
} {
  const pieces = plan.whole ? plan.stripes : plan.columns
  const every = { matrices: { from: 0, to: batch }, panels: () => all(pieces) }
  if (plan.axis === 'rows' || partition === undefined || isSlice(partition)) return every
  const count = pieceCount(pieces)
  const { from, to } = share(f, batch * count, partition)
  if (batch === 1) return { ...every, panels: () => ({ from, to }) }
  const matrixOf = (bound: Bound, more: number): Bound => {
    const local = f.local('i32')
    f.bound(bound).i32(more).op('i32.add').i32(count).op('i32.div_u').set(local)
    return local
  }
  // A panel's number counts over all matrices: below 0 or too large in this one for a panel of another.
  const inMatrix = (bound: Bound): Bound => {
    const local = f.local('i32')
    f.bound(bound).get(at.matrix).i32(count).op('i32.mul', 'i32.sub').set(local)
    return local
  }
  return {
    matrices: { from: matrixOf(from, 0), to: matrixOf(to, count - 1) },
    panels: () => ({ from: inMatrix(from), to: inMatrix(to) }),
  }
}

/** All rows in pieces, and those of this thread; of a slice of the rows, the pieces alone. */
function ownRows(
  { f, spec, plan, partition }: MatmulKernel,
  split: (rows: number) => Pieces,
): { readonly pieces: Pieces; readonly range: PieceRange } {
  if (isSlice(partition)) {
    const { from, to } = inSlice(spec.rows, partition)
    const pieces = split(to - from).map((each) => ({ ...each, start: each.start + from }))
    return { pieces, range: all(pieces) }
  }
  const pieces = split(spec.rows)
  return { pieces, range: plan.axis === 'rows' ? share(f, pieceCount(pieces), partition) : all(pieces) }
}

function eachStripe(kernel: MatmulKernel, stripes: PieceRange, body: (columns: number) => void): void {
  const { f, spec, plan, at } = kernel
  if (isStriped(plan) || plan.axis === 'panels') eachPiece(f, plan.stripes, stripes, at.stripe, body)
  else body(spec.columns)
}

/** Computes whole rows of a stripe of a matrix, a few at a time, from its columns of b or a copy of them. */
function rowByRow(kernel: MatmulKernel, columns: number): void {
  const { f, spec, plan, sizes, at } = kernel
  const { machine, loopEpilogue } = spec
  const waiting = { start: plan.scratch.sweep, width: columns }
  const panels = splitPanels(columns, sizes)
  if (plan.packed)
    eachPiece(f, panels, all(panels), at.column, (panel) => packPanel(kernel, panel, spec.depth))
  // Groups of a machine are few, and threads share them.
  const split = machine ? splitEvenly : splitWithRest
  const { pieces, range } = ownRows(kernel, (rows) => split(rows, groupRows(kernel)))
  eachPiece(f, pieces, range, at.group, (rows) => {
    if (plan.strips) packStrip(kernel, rows)
    if (machine) sumWholeRows(kernel, machine, { rows, panels, waiting: loopEpilogue && waiting })
    else multiplyWholeRows(kernel, rows)
    if (loopEpilogue === undefined) return
    f.i32(0).set(at.column)
    sweep(kernel, { rows, columns, ...waiting })
  })
}

/** Rows that are computed before their epilogue: with copies of b those of the plan, else all that a thread has. */
function groupRows({ spec, plan, partition }: MatmulKernel): number {
  const threads = partition !== undefined && !isSlice(partition)
  const shared = threads && plan.axis === 'rows' && !(plan.whole && plan.packed)
  return shared ? rowsOfGroup(spec.rows, plan) : plan.rowsAtOnce
}

/** Multiplies the tiles of a group of whole rows, which wait where there is an epilogue. */
function multiplyWholeRows(kernel: MatmulKernel, rows: number): void {
  const { f, spec, plan, at } = kernel
  const strip = plan.strips ? packedWidth(rows) : undefined
  eachPiece(f, plan.columns, all(plan.columns), at.column, (columns) => {
    const tiles = splitRows(rows, columns)
    eachPiece(f, tiles, all(tiles), at.rowInGroup, (height) => {
      setLinear(f, at.row, 0, [at.group, 1], [at.rowInGroup, 1])
      const tile = { rows: height, columns }
      multiply(kernel, tile, spec.depth, strip)
      if (spec.loopEpilogue) storeForSweep(kernel, tile)
      else store(kernel, tile)
    })
  })
}

/** Computes the panels of a matrix one after the other, each in blocks along the depth. */
function panelByPanel(kernel: MatmulKernel, panels: PieceRange): void {
  const { f, spec, plan, blocked, at } = kernel
  const { machine } = spec
  eachPiece(f, plan.columns, panels, at.column, (columns) => {
    if (machine === undefined) sumPanel(kernel, columns)
    else if (blocked) sumBlocksOnMachine(kernel, machine, columns)
    else sumOnMachine(kernel, machine, columns)
  })
}

function sumPanel(kernel: MatmulKernel, columns: number): void {
  const { f, plan, blocked, at } = kernel
  const { pieces, range } = ownRows(kernel, (rows) => splitRows(rows, columns))
  const eachTile = (visit: (rows: number) => void): void => eachPiece(f, pieces, range, at.row, visit)
  if (blocked) clearPartial(kernel)
  eachBlock(kernel, (depth) => {
    if (plan.packed) packPanel(kernel, columns, depth)
    eachTile((rows) => {
      multiply(kernel, { rows, columns }, depth)
      if (blocked) addToPartial(kernel, { rows, columns })
      else store(kernel, { rows, columns })
    })
  })
  if (!blocked) return
  eachTile((rows) => {
    loadPartial(kernel, { rows, columns })
    store(kernel, { rows, columns })
  })
}

/** The same on a machine: a group of rows at a time, whose sums wait for their epilogue. */
function sumOnMachine(kernel: MatmulKernel, machine: ImportedMachine, columns: number): void {
  const { f, spec, plan, sizes, at } = kernel
  const { depth } = spec
  const groups = ownRows(kernel, (rows) => splitEvenly(rows, groupRows(kernel)))
  const width = columns === spec.columns ? columns : sizes.widest
  const waiting = spec.loopEpilogue && { start: plan.scratch.partial, width }
  if (plan.packed) packPanel(kernel, columns, depth)
  eachPiece(f, groups.pieces, groups.range, at.group, (rows) => {
    const tiles = splitEvenly(rows, machine.tiles.rowsBeside(columns))
    sumPanelRows(kernel, machine, { columns, depth, tiles, range: all(tiles), waiting, adds: false })
    if (waiting) sweep(kernel, { rows, columns, ...waiting })
  })
}

/** The same for all rows of the thread, whose sums wait until those of all blocks along the depth, or stacked matrices, are added. */
function sumBlocksOnMachine(kernel: MatmulKernel, machine: ImportedMachine, columns: number): void {
  const { f, spec, plan, sizes, at } = kernel
  const { stacked } = spec
  const { pieces: tiles, range } = ownRows(kernel, (rows) =>
    splitEvenly(rows, machine.tiles.rowsBeside(columns)),
  )
  const waiting = { start: plan.scratch.partial, width: sizes.widest }
  const sums = { columns, tiles, range, waiting }
  f.i32(0).set(at.group)
  if (stacked) {
    const { count, reverse, a, b } = stacked
    const sign = reverse ? -4 : 4
    const parts = { count, a: sign * a.matrix, b: sign * b.matrix }
    f.i32(reverse ? count - 1 : 0).set(at.block)
    sumPanelRows(kernel, machine, { ...sums, depth: spec.depth / count, adds: 'zero', parts })
  } else {
    clearPartial(kernel)
    eachBlock(kernel, (depth) => {
      if (plan.packed) packPanel(kernel, columns, depth)
      sumPanelRows(kernel, machine, { ...sums, depth, adds: true })
    })
  }
  eachSize(f, tiles, range, { element: at.group, count: at.counter }, (height) => {
    f.get(at.counter).i32(height).op('i32.mul').set(at.counter)
    sweep(kernel, { rows: at.counter, columns, ...waiting, whole: true })
  })
}

/** Runs the body for every block along the depth: the local `block` counts its elements, or those before it of stacked matrices. */
function eachBlock({ f, spec, plan, at }: MatmulKernel, body: (depth: number) => void): void {
  const { depth, stacked } = spec
  if (stacked === undefined) return eachPiece(f, plan.blocks, all(plan.blocks), at.block, body)
  const { count, reverse } = stacked
  const turn = f.local('i32')
  f.for(turn, 0, count, 1, () => {
    if (reverse)
      f.i32(count - 1)
        .get(turn)
        .op('i32.sub')
        .set(at.block)
    else f.get(turn).set(at.block)
    body(depth / count)
  })
}

function clearPartial({ f, spec, plan, sizes, at }: MatmulKernel): void {
  f.get(at.scratch).i32(plan.scratch.partial).op('i32.add').i32(0)
  f.i32(panelBytes(spec.rows, sizes.widest)).memoryFill()
}
