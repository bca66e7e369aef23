import type { Arithmetic } from '../../plan/arithmetic.ts'
import { panelBytes, planMatmul } from '../../plan/matmul.ts'
import type { MatmulShape } from '../../plan/matmul.ts'
import { pieceCount, splitEvenly, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { TileMachine } from '../../plan/tile-machine.ts'
import type { Bound, FunctionBuilder, FunctionIndex, Integer } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
import { all, eachPiece, eachSize, locateScratch, share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import { clearTile, eachVector, multiplyTile, positionOf, splitRows } from '../emit/tile.ts'
import { storeResult, storeTile, tileRegisters, TILES, vectorsOf, WIDEST_PANEL } from '../emit/tile.ts'
import type { Epilogue, Tile } from '../emit/tile.ts'
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
  /** A machine that multiplies tiles instead of code of this module. */
  readonly machine?: ImportedMachine | undefined
}

/** A machine, and the imported function (number of one of its functions, a, b, out, count) that calls it. */
export type ImportedMachine = { readonly tiles: TileMachine; readonly call: FunctionIndex }

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
    if (plan.whole) rowByRow(kernel)
    else panelByPanel(kernel, panels())
  })
}

/** The function being written, what it computes, and its locals. */
type MatmulKernel = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: MatmulSpec, partition: Partition | undefined) {
  const sizes = spec.machine?.tiles.sizes ?? TILES
  const plan = planMatmul(spec, sizes)
  return {
    f,
    spec,
    plan,
    partition,
    sizes,
    blocked: pieceCount(plan.blocks) > 1,
    registers: tileRegisters(f),
    at: {
      ...f.integers('matrix', 'row', 'column', 'block', 'group', 'rowInGroup', 'a', 'b', 'counter'),
      ...f.integers('scratch', 'element', 'rowBytes', 'columnBytes', 'partial', 'out', 'line', 'end'),
    },
  }
}

/** The matrices that the thread works on, and the panels of the one that the local `matrix` names. */
function panelsOfThread({ f, spec: { batch }, plan, partition, at }: MatmulKernel): {
  matrices: PieceRange
  panels: () => PieceRange
} {
  const every = { matrices: { from: 0, to: batch }, panels: () => all(plan.columns) }
  if (plan.axis === 'rows' || partition === undefined) return every
  const count = pieceCount(plan.columns)
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

function rowsOfThread({ f, plan, partition }: MatmulKernel, pieces: Pieces): PieceRange {
  return plan.axis === 'rows' ? share(f, pieceCount(pieces), partition) : all(pieces)
}

/** The place of the sums of a tile: in the result, in rows that wait for their epilogue, or in the sums of a panel. */
type SumsPlace = 'output' | 'sweep' | 'partial'

/** Tiles of one panel, one below the other, along a depth. */
type PanelTiles = {
  readonly columns: number
  readonly depth: number
  readonly tiles: Pieces
  readonly range: PieceRange
  readonly target: SumsPlace
  /** Numbers from one step of the depth to the next in a copy of some rows of a; the tiles are those of the group then. */
  readonly strip?: number | undefined
  readonly grouped?: boolean
}

/** Computes whole rows of a matrix, a few at a time, from a copy of all of b. */
function rowByRow(kernel: MatmulKernel): void {
  const { f, spec, plan, at } = kernel
  const eachPanel = (body: (columns: number) => void): void =>
    eachPiece(f, plan.columns, all(plan.columns), at.column, body)
  eachPanel((columns) => packPanel(kernel, columns, spec.depth))
  // Groups of a machine are few, and threads share them.
  const groups = (spec.machine ? splitEvenly : splitWithRest)(spec.rows, plan.rowsAtOnce)
  eachPiece(f, groups, rowsOfThread(kernel, groups), at.group, (count) => {
    if (plan.strips) packStrip(kernel, count)
    eachPanel((columns) => {
      const tiles = tilesOf(kernel, count, columns)
      const target = spec.loopEpilogue ? 'sweep' : 'output'
      const strip = plan.strips ? packedWidth(count) : undefined
      const { depth } = spec
      computeTiles(kernel, { columns, depth, tiles, range: all(tiles), target, strip, grouped: true })
    })
    if (spec.loopEpilogue) sweep(kernel, count, spec.loopEpilogue)
  })
}

/** Computes the panels of a matrix one after the other, each in blocks along the depth. */
function panelByPanel(kernel: MatmulKernel, panels: PieceRange): void {
  const { f, spec, plan, sizes, at, blocked } = kernel
  // A machine stores whole vectors, and knows no epilogue.
  const unfinished = sizes.waits && (spec.loopEpilogue !== undefined || spec.columns % sizes.lanes > 0)
  eachPiece(f, plan.columns, panels, at.column, (columns) => {
    const tiles = tilesOf(kernel, spec.rows, columns)
    const range = rowsOfThread(kernel, tiles)
    if (blocked) clearPartial(kernel)
    eachPiece(f, plan.blocks, all(plan.blocks), at.block, (depth) => {
      if (plan.packed) packPanel(kernel, columns, depth)
      computeTiles(kernel, {
        columns,
        depth,
        tiles,
        range,
        target: blocked || unfinished ? 'partial' : 'output',
      })
    })
    if (spec.machine) {
      if (blocked || unfinished) sweepPanel(kernel, tiles, range, columns)
    } else if (blocked) {
      eachPiece(f, tiles, range, at.row, (rows) => {
        loadPartial(kernel, { rows, columns })
        store(kernel, { rows, columns })
      })
    }
  })
}

function tilesOf({ spec: { machine } }: MatmulKernel, rows: number, columns: number): Pieces {
  return machine ? splitEvenly(rows, machine.tiles.rowsBeside(columns)) : splitRows(rows, columns)
}

function computeTiles(kernel: MatmulKernel, panel: PanelTiles): void {
  const { f, spec, at } = kernel
  const { columns, tiles, range, target, grouped } = panel
  const element = grouped ? at.rowInGroup : at.row
  const locate = (): void => {
    if (grouped) setLinear(f, at.row, 0, [at.group, 1], [at.rowInGroup, 1])
  }
  if (spec.machine) {
    const { machine } = spec
    eachSize(f, tiles, range, { element, count: at.counter }, (rows) => {
      locate()
      callMachine(kernel, machine, rows, panel)
    })
    return
  }
  eachPiece(f, tiles, range, element, (rows) => {
    locate()
    const tile = { rows, columns }
    multiply(kernel, tile, panel.depth, panel.strip)
    if (target === 'output') store(kernel, tile)
    else if (target === 'sweep') storeForSweep(kernel, tile)
    else addToPartial(kernel, tile)
  })
}

/** Leaves the sums of the next tiles, as many as the local `counter` says, at their target. */
function callMachine(
  kernel: MatmulKernel,
  { tiles, call }: ImportedMachine,
  rows: number,
  { columns, depth, target, strip }: PanelTiles,
): void {
  const { f, spec, plan, sizes, blocked, at } = kernel
  const a = locateA(kernel, strip)
  if (plan.packed) locatePacked(kernel)
  else locatePanel(kernel)
  const matrix = 4 * spec.rows * spec.columns
  if (target === 'output') {
    setLinear(f, at.out, spec.output, [at.matrix, matrix], [at.row, 4 * spec.columns], [at.column, 4])
  } else if (target === 'sweep') {
    const inGroup = [at.rowInGroup, 4 * spec.columns] as const
    setLinear(f, at.out, plan.scratch.sweep, [at.scratch, 1], inGroup, [at.column, 4])
  } else {
    setLinear(f, at.out, plan.scratch.partial, [at.scratch, 1], [at.row, 4 * sizes.widest])
  }
  const step = 4 * (plan.packed ? packedWidth(columns, sizes.lanes) : spec.columns)
  const out = { row: 4 * (target === 'partial' ? sizes.widest : spec.columns) }
  const run = { rows, columns, depth, a, b: { step }, out, adds: target === 'partial' && blocked }
  f.i32(tiles.functionOf(run)).get(at.a).get(at.b).get(at.out).get(at.counter).call(call)
}

/** Applies the epilogue to the sums of a panel that wait in scratch memory. */
function sweepPanel(kernel: MatmulKernel, tiles: Pieces, range: PieceRange, columns: number): void {
  const { f, spec, plan, sizes, at } = kernel
  const [sum, epilogue] = [f.local('v128'), spec.loopEpilogue]
  const sweepVector = (vector: Integer, lanes: number): void => {
    const place = [vector, 1] as const
    setLinear(f, at.partial, plan.scratch.partial, [at.scratch, 1], [at.line, 4 * sizes.widest], place)
    f.get(at.partial).memory('v128.load').set(sum)
    setLinear(f, at.columnBytes, 0, [at.column, 4], place)
    const { rows, columns: width } = spec
    setLinear(f, at.element, 0, [at.matrix, 4 * rows * width], [at.line, 4 * width], [at.columnBytes, 1])
    const [element, row, column] = [
      positionOf(at.element),
      positionOf(at.rowBytes),
      positionOf(at.columnBytes),
    ]
    storeResult(f, sum, { element, row, column, lanes }, spec.output, epilogue)
  }
  const { vector, count } = f.integers('vector', 'count')
  const rest = columns % 4
  eachSize(f, tiles, range, { element: at.row, count }, (rows) => {
    setLinear(f, at.end, 0, [at.row, 1], [count, rows])
    f.for(at.line, at.row, at.end, 1, () => {
      setLinear(f, at.rowBytes, 0, [at.matrix, 4 * spec.rows], [at.line, 4])
      f.for(vector, 0, 4 * (columns - rest), 16, () => sweepVector(vector, 4))
      if (rest === 0) return
      f.i32(4 * (columns - rest)).set(vector)
      sweepVector(vector, rest)
    })
  })
}

/** Sets b to where the panel begins in the block. */
function locatePanel({ f, spec, plan: { transposeB }, at }: MatmulKernel): void {
  const bTerms = [
    [at.matrix, spec.sharedB ? 0 : 4 * spec.depth * spec.columns],
    [at.column, 4 * (transposeB ? spec.depth : 1)],
    [at.block, 4 * (transposeB ? 1 : spec.columns)],
  ] as const
  setLinear(f, at.b, spec.b, ...bTerms)
}

/** Sets b to where the panel's copy begins. */
function locatePacked({ f, spec, plan, at }: MatmulKernel): void {
  setLinear(f, at.b, 0, [at.scratch, 1], [at.column, plan.whole ? 4 * spec.depth : 0])
}

function packPanel(kernel: MatmulKernel, columns: number, depth: number): void {
  const { f, spec, plan, sizes, at } = kernel
  locatePacked(kernel)
  f.get(at.b).set(at.a)
  locatePanel(kernel)
  const panel = { source: at.b, target: at.a, depth, columns, lanes: sizes.lanes }
  if (plan.transposeB) packRows(f, { ...panel, stride: spec.depth })
  else packColumns(f, { ...panel, stride: spec.columns })
}

/** Copies what the next rows of the result take of a. */
function packStrip({ f, spec: { a, rows, depth }, plan, at }: MatmulKernel, count: number): void {
  setLinear(f, at.a, a, [at.matrix, 4 * rows * depth], [at.group, 4])
  setLinear(f, at.b, plan.scratch.strip, [at.scratch, 1])
  packColumns(f, { source: at.a, target: at.b, depth, stride: rows, columns: count })
}

/** Sets a to the first factor of the next rows, in a or in a copy of some rows; returns what lies between two of them. */
function locateA(
  { f, spec, plan, at }: MatmulKernel,
  strip: number | undefined,
): { row: number; step: number } {
  const { rows, parts = false } = spec
  const rowOfA = parts ? spec.batch * spec.depth : spec.depth
  if (strip === undefined) {
    const aTerms = [
      [at.matrix, 4 * (parts ? spec.depth : rows * spec.depth)],
      [at.row, 4 * (plan.transposeA ? 1 : rowOfA)],
      [at.block, 4 * (plan.transposeA ? rows : 1)],
    ] as const
    setLinear(f, at.a, spec.a, ...aTerms)
  } else {
    setLinear(f, at.a, plan.scratch.strip, [at.scratch, 1], [at.rowInGroup, 4])
  }
  return plan.transposeA ? { row: 4, step: 4 * (strip ?? rows) } : { row: 4 * rowOfA, step: 4 }
}

/** Leaves the sums of a tile in its registers; `strip` as in PanelTiles. */
function multiply(kernel: MatmulKernel, tile: Tile, depth: number, strip?: number): void {
  const { f, spec, plan, registers, at } = kernel
  const { columns } = spec
  const { row, step } = locateA(kernel, strip)
  if (plan.packed) locatePacked(kernel)
  else locatePanel(kernel)
  const inPlace = plan.transposeB ? { step: 4, load: gatherLanes(kernel, tile) } : { step: 4 * columns }
  clearTile(f, registers, tile)
  multiplyTile(f, registers, tile, {
    depth,
    counter: at.counter,
    arithmetic: spec.arithmetic,
    a: { local: at.a, row, step },
    b: { local: at.b, ...(plan.packed ? { step: 16 * vectorsOf(tile) } : inPlace) },
  })
}

/** Pushes four columns of a matrix that lies transposed. */
function gatherLanes({ f, spec: { depth }, registers, at }: MatmulKernel, { columns }: Tile) {
  return (vector: number, k: number): void => {
    const first = 4 * vector
    f.get(at.b).memory('v128.load32_zero', 4 * (first * depth + k))
    for (let lane = 1; lane < Math.min(4, columns - first); lane++) {
      f.set(registers.a).get(at.b).get(registers.a)
      f.memoryLane('v128.load32_lane', lane, 4 * ((first + lane) * depth + k))
    }
  }
}

function clearPartial({ f, spec: { rows }, plan, sizes, at }: MatmulKernel): void {
  f.get(at.scratch).i32(plan.scratch.partial).op('i32.add').i32(0)
  f.i32(panelBytes(rows, sizes.widest)).memoryFill()
}

function locatePartial({ f, plan, at }: MatmulKernel): void {
  setLinear(f, at.partial, plan.scratch.partial, [at.scratch, 1], [at.row, 4 * WIDEST_PANEL])
}

function addToPartial(kernel: MatmulKernel, tile: Tile): void {
  const { f, registers, at } = kernel
  locatePartial(kernel)
  eachVector(registers, tile, (sum, r, c) => {
    const bytes = 4 * (r * WIDEST_PANEL + c)
    f.get(at.partial).get(at.partial).memory('v128.load', bytes)
    f.get(sum).op('f32x4.add').memory('v128.store', bytes)
  })
}

function loadPartial(kernel: MatmulKernel, tile: Tile): void {
  const { f, registers, at } = kernel
  locatePartial(kernel)
  eachVector(registers, tile, (sum, r, c) => {
    f.get(at.partial)
      .memory('v128.load', 4 * (r * WIDEST_PANEL + c))
      .set(sum)
  })
}

function store({ f, spec, registers, at }: MatmulKernel, tile: Tile): void {
  const { rows, columns } = spec
  setLinear(f, at.element, 0, [at.matrix, 4 * rows * columns], [at.row, 4 * columns], [at.column, 4])
  setLinear(f, at.rowBytes, 0, [at.matrix, 4 * rows], [at.row, 4])
  setLinear(f, at.columnBytes, 0, [at.column, 4])
  storeTile(f, registers, tile, {
    output: spec.output,
    rowStride: columns,
    rowStep: 1,
    element: at.element,
    row: at.rowBytes,
    column: at.columnBytes,
    epilogue: spec.epilogue,
  })
}

/** Stores a tile in scratch memory, where `sweep` finds it. */
function storeForSweep({ f, spec: { columns }, plan, registers, at }: MatmulKernel, tile: Tile): void {
  setLinear(f, at.element, plan.scratch.sweep, [at.scratch, 1], [at.rowInGroup, 4 * columns], [at.column, 4])
  storeTile(f, registers, tile, {
    output: 0,
    rowStride: columns,
    rowStep: 1,
    element: at.element,
    row: at.rowBytes,
    column: at.columnBytes,
    epilogue: undefined,
  })
}

/** Applies the epilogue to rows of sums in scratch memory. */
function sweep({ f, spec, plan, at }: MatmulKernel, count: number, epilogue: Epilogue): void {
  const { rows, columns } = spec
  const { line, end, waiting } = f.integers('line', 'end', 'waiting')
  const sum = f.local('v128')
  f.get(at.group).i32(count).op('i32.add').set(end)
  f.for(line, at.group, end, 1, () => {
    setLinear(f, at.rowBytes, 0, [at.matrix, 4 * rows], [line, 4])
    f.for(at.columnBytes, 0, 4 * columns, 16, () => {
      const waitingTerms = [
        [at.scratch, 1],
        [line, 4 * columns],
        [at.group, -4 * columns],
        [at.columnBytes, 1],
      ] as const
      setLinear(f, waiting, plan.scratch.sweep, ...waitingTerms)
      f.get(waiting).memory('v128.load').set(sum)
      setLinear(f, at.element, 0, [at.matrix, 4 * rows * columns], [line, 4 * columns], [at.columnBytes, 1])
      f.get(at.element)
      epilogue(f, sum, {
        element: positionOf(at.element),
        row: positionOf(at.rowBytes),
        column: positionOf(at.columnBytes),
        lanes: 4,
      })
      f.memory('v128.store', spec.output)
    })
  })
}
