// Sums over taps on a machine that multiplies tiles. A few images are padded at once; for each panel of output channels one
// call computes a line of the outputs in all of these images, or where these are large, several lines of one of them. Rows
// of a tile are neighbouring outputs, or where images are small the same output of several images. The columns of a
// depthwise convolution are its channels, each of which has its own source.

import { packedWidth } from '../../plan/matmul.ts'
import { pieceCount, splitEvenly, splitPanels } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { TileRun, Turns } from '../../plan/tile-machine.ts'
import type { AxisTaps } from '../../plan/window.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { advance, boundSteps, clearBytes, setLinear } from '../emit/integers.ts'
import { all, eachPiece, eachPieceInTurn, locateScratch, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import { positionOf, storeResult } from '../emit/tile.ts'
import { imageBytes, isPadded, openImage, rowBytes } from './image.ts'
import type { ImportedMachine } from './machine.ts'

import { firstOf, gridsOf, packedBytes, packKernel, stepOf } from './tap-sums.ts'
import type { Grid, TapSums } from './tap-sums.ts'

/** Bytes of images that a call goes through: they stay in the second cache beside a panel of the kernel. */
const IMAGE_BYTES = 2 ** 18
/** Bytes of sums that wait for their epilogue: they stay in the first cache. */
const SUMS_BYTES = 2 ** 14
/** Outputs of a line from which they fill the rows of a tile. */
const WIDE = 8
/** Output channels of a panel up to which loops of this module finish their sums as fast as a machine's masked vectors. */
const FEW = 8

/** Blocks of images that threads share. */
function blocksOf({ source, batch, horizontal, output }: TapSums, rowsOfTile: number): Pieces {
  const room = Math.max(1, Math.floor(IMAGE_BYTES / imageBytes(source)))
  const wide = output.width / horizontal.length >= WIDE
  const wanted = wide ? Math.ceil(batch / 8) : Math.max(rowsOfTile, Math.ceil(batch / 4))
  return splitEvenly(batch, Math.min(room, wanted, 2 * rowsOfTile))
}

function planOf(spec: TapSums, { tiles }: ImportedMachine) {
  const { source, depthwise } = spec
  const { sizes } = tiles
  const panels = splitPanels(depthwise ? spec.groups : spec.columns, sizes)
  const width = packedWidth(Math.max(...panels.map(({ size }) => size)), sizes.lanes)
  const blocks = blocksOf(spec, tiles.rowsBeside(width))
  const images = blocks[0]?.size ?? 1
  const grids = gridsOf(spec, sizes.lanes).map((grid) => ({
    ...grid,
    lines: linesAtOnce(spec, grid, images, width),
  }))
  const waiting = grids.map(({ x, lines }) => x.outputs * Math.max(images, lines))
  const padded = depthwise ? 0 : packedBytes(grids, spec)
  const sums = padded + (isPadded(source) ? images * imageBytes(source) : 0)
  return {
    groups: depthwise ? 1 : spec.groups,
    panels,
    grids,
    blocks,
    /** Numbers of a row of sums. */
    width,
    /** Bytes from one image to the next. */
    imageStep: isPadded(source) ? imageBytes(source) : source.height * rowBytes(source),
    /** Byte offsets of the parts of a thread's scratch memory, and of its end. */
    offsets: { padded, sums, end: (sums + 4 * width * Math.max(...waiting) + 63) & ~63 },
  }
}

/** True if the rows of a tile are outputs of one line. */
function isWide({ x }: Grid, images: number): boolean {
  return x.outputs >= WIDE || x.outputs >= images
}

/** Lines of one image that a call computes; 1 where it takes fewer calls to compute one of all images of a block. */
function linesAtOnce({ source }: TapSums, grid: Grid, images: number, width: number): number {
  const { y, x } = grid
  const whole = wholeLines(y, source.height).count
  const lines = Math.max(1, Math.min(whole, Math.floor(SUMS_BYTES / (4 * width * x.outputs))))
  const callsOfImage = y.outputs - whole + Math.ceil(whole / lines)
  return isWide(grid, images) && images * callsOfImage < y.outputs ? lines : 1
}

/** The number of taps inside a source of some height, for each line of outputs. */
function tapsInside({ outputs, first, sourceStep, taps, tapStep }: AxisTaps, height: number): number[] {
  return Array.from({ length: outputs }, (_, i) => {
    const inside = taps.map((_tap, t) => first + i * sourceStep + t * tapStep)
    return inside.filter((at) => at >= 0 && at < height).length
  })
}

/** The lines whose windows have all of their taps inside the source: they follow each other. */
function wholeLines(y: AxisTaps, height: number) {
  const inside = tapsInside(y, height)
  const { length: all } = y.taps
  return { first: Math.max(0, inside.indexOf(all)), count: inside.filter((count) => count === all).length }
}

/** Bytes of scratch memory that each thread needs. */
export function tapTilesScratch(spec: TapSums, machine: ImportedMachine): number {
  return planOf(spec, machine).offsets.end
}

export function emitTapTiles(
  f: FunctionBuilder,
  spec: TapSums,
  machine: ImportedMachine,
  partition?: Partition,
): void {
  const kernel = kernelOf(f, spec, machine)
  const { groups, panels, grids, blocks, offsets, at } = kernel
  locateScratch(f, at.scratch, spec.scratch, offsets.end, partition)
  if (!spec.depthwise) for (const grid of grids) packKernel(f, spec, grid, kernel)
  if (isPadded(spec.source)) {
    setLinear(f, at.base, offsets.padded, [at.scratch, 1])
    clearBytes(f, at.base, offsets.sums - offsets.padded)
  }
  eachPieceInTurn(f, blocks, share(f, pieceCount(blocks), partition), at.first, (images) => {
    openBlock(kernel, images)
    for (const grid of grids) {
      const { lines } = grid
      const together = lines > 1 ? 1 : images
      f.for(at.image, 0, images / together, 1, () => {
        f.for(at.group, 0, groups, 1, () => {
          eachPiece(f, panels, all(panels), at.column, (columns) => {
            sumPanel(kernel, grid, { images: together, lines, columns })
          })
        })
      })
    }
  })
}

/** The function being written, what it computes, and its locals. */
type TilesKernel = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: TapSums, machine: ImportedMachine) {
  return {
    ...planOf(spec, machine),
    f,
    spec,
    machine,
    lanes: machine.tiles.sizes.lanes,
    pixelBytes: 4 * spec.source.channels,
    at: {
      ...f.integers('scratch', 'first', 'image', 'group', 'column', 'edge', 'u', 'base', 'tapY', 'tapX'),
      ...f.integers('firstTap', 'pastTaps', 'a', 'b', 'out', 'sum', 'element', 'columnBytes'),
      ...f.integers('inBlock', 'matrix', 'line', 'row'),
    },
  }
}

/** Sets `base` to the images of a block, copied between zeros where they are padded. */
function openBlock({ f, spec, imageStep, offsets, at }: TilesKernel, images: number): void {
  const { source } = spec
  if (!isPadded(source)) return openImage(f, source, at.first, at.base)
  f.for(at.inBlock, 0, images, 1, () => {
    setLinear(f, at.image, 0, [at.first, 1], [at.inBlock, 1])
    setLinear(f, at.base, offsets.padded, [at.scratch, 1], [at.inBlock, imageStep])
    openImage(f, source, at.image, at.base)
  })
  setLinear(f, at.base, offsets.padded, [at.scratch, 1])
}

/** The outputs of a call: some lines of some images, where one of both is 1, and the columns of a panel. */
type Extent = { readonly images: number; readonly lines: number; readonly columns: number }

/** One panel of a grid's outputs in the images of an extent, some lines at once. */
function sumPanel(kernel: TilesKernel, grid: Grid, extent: Extent): void {
  const { f, spec, at } = kernel
  const { y } = grid
  const { height } = spec.source
  const whole = wholeLines(y, height)
  const pieces = whole.count === 0 ? [] : splitEvenly(whole.count, extent.lines)
  f.i32(0).set(at.firstTap)
  const shifted = pieces.map((piece) => ({ ...piece, start: piece.start + whole.first }))
  eachPiece(f, shifted, all(shifted), at.u, (lines) => {
    sumLines(kernel, grid, { ...extent, lines }, y.taps.length)
  })
  const edges = new Set(tapsInside(y, height).filter((taps) => taps < y.taps.length))
  if (edges.size === 0) return
  f.for(at.edge, 0, y.outputs - whole.count, 1, () => {
    f.get(at.edge).get(at.edge).i32(whole.count).op('i32.add')
    f.get(at.edge).i32(whole.first).op('i32.lt_s', 'select').set(at.u)
    const inside = { step: Math.max(1, y.tapStep), count: y.taps.length, length: height }
    boundSteps(f, { from: at.firstTap, to: at.pastTaps }, [y.first, [[at.u, y.sourceStep]]], inside)
    for (const taps of edges) {
      f.get(at.pastTaps).get(at.firstTap).op('i32.sub').i32(taps).op('i32.eq')
      f.if(() => sumLines(kernel, grid, { ...extent, lines: 1 }, taps))
    }
  })
}

/** The lines of an extent from `u` on, whose windows have that many taps inside the source from `firstTap` on. */
function sumLines(kernel: TilesKernel, grid: Grid, extent: Extent, taps: number): void {
  const { f, spec, width, offsets, at } = kernel
  const { output } = spec
  const order = orderOf(kernel, grid, extent)
  const image = 4 * output.height * output.width
  const lineTerms = [
    [at.first, image],
    [at.image, image],
    [at.u, 4 * grid.y.stride * output.width],
  ] as const
  setLinear(f, at.line, 4 * (grid.y.start * output.width + grid.x.start), ...lineTerms)
  setLinear(f, at.columnBytes, 0, [at.group, 4 * spec.columns], [at.column, 4])
  if (staysInPlace(kernel, extent)) {
    const channels = spec.groups * spec.columns
    setLinear(f, at.out, output.address, [at.line, channels], [at.columnBytes, 1])
    const { rows, matrices } = order
    multiply(kernel, grid, extent, taps, { row: rows.place * channels, matrix: matrices.place * channels })
  } else {
    setLinear(f, at.out, offsets.sums, [at.scratch, 1])
    const row = { row: 4 * width, padded: true } as const
    multiply(kernel, grid, extent, taps, { ...row, matrix: 4 * width * order.rows.count })
    sweep(kernel, order, extent)
  }
}

/** True if sums are results, and vectors of them end where a panel does: they need not wait in scratch memory. */
function staysInPlace({ spec, lanes }: TilesKernel, { columns }: Extent): boolean {
  return spec.loopEpilogue === undefined && columns % lanes === 0
}

/** Outputs one after the other: their number, and bytes to the next in the source and of one f32 for each pixel. */
type OutputAxis = { readonly count: number; readonly a: number; readonly place: number }

/** The axes along which rows of tiles, and matrices of a call, follow each other. */
type Order = { readonly rows: OutputAxis; readonly matrices: OutputAxis }

function orderOf({ spec, imageStep, pixelBytes }: TilesKernel, grid: Grid, extent: Extent): Order {
  const { source, output } = spec
  const { y, x } = grid
  const along = { count: x.outputs, a: x.sourceStep * pixelBytes, place: 4 * x.stride }
  const images = { count: extent.images, a: imageStep, place: 4 * output.height * output.width }
  const down = {
    count: extent.lines,
    a: y.sourceStep * rowBytes(source),
    place: 4 * y.stride * output.width,
  }
  if (!isWide(grid, extent.images)) return { rows: images, matrices: along }
  return { rows: along, matrices: extent.lines > 1 ? down : images }
}

/** Leaves the sums of the lines at `out`, with the bytes from one row of tiles, and one matrix, to the next. */
function multiply(
  kernel: TilesKernel,
  grid: Grid,
  extent: Extent,
  taps: number,
  { matrix, ...out }: TileRun['out'] & { readonly matrix: number },
): void {
  const { f, spec, machine, imageStep, pixelBytes, at } = kernel
  const { source, depthwise, depth } = spec
  const { y, x } = grid
  const line = rowBytes(source)
  const aTerms = [
    [at.base, 1],
    [at.image, imageStep],
    [at.u, y.sourceStep * line],
    [at.firstTap, y.tapStep * line],
    [at.group, 4 * depth],
    [at.column, depthwise ? 4 : 0],
  ] as const
  setLinear(f, at.a, y.first * line + (x.first + source.padding[0]) * pixelBytes, ...aTerms)
  const kernelTaps = depthwise ? tapsInPlace(kernel, grid) : packedTaps(kernel, grid, extent.columns)
  const down = { count: taps, a: y.tapStep * line, b: kernelTaps.down }
  const isEmpty = taps * x.taps.length === 0
  const { rows, matrices } = orderOf(kernel, grid, extent)
  for (const { size, count, start } of splitEvenly(rows.count, machine.tiles.rowsBeside(extent.columns))) {
    const run: TileRun = {
      rows: size,
      columns: extent.columns,
      depth: isEmpty ? 0 : kernelTaps.depth,
      a: { row: rows.a, ...kernelTaps.a },
      b: kernelTaps.b,
      out,
      runs: isEmpty ? [] : [...kernelTaps.across, down],
      adds: false,
      matrices: { tiles: count, a: matrices.a, b: 0, out: matrix },
    }
    f.i32(machine.tiles.functionOf(run))
    pushBehind(f, at.a, start * rows.a)
    f.get(at.b)
    pushBehind(f, at.out, start * out.row)
    f.i32(matrices.count).call(machine.call)
  }
}

/** The depth of tiles, and how they go along it through the source and the kernel, in which a line of taps is `down` bytes. */
type KernelTaps = Pick<TileRun, 'depth' | 'b'> & {
  readonly a: Omit<TileRun['a'], 'row'>
  readonly across: readonly Turns[]
  readonly down: number
}

/** Sets b to the first tap of a panel of the packed kernel. */
function packedTaps(
  { f, spec, lanes, pixelBytes, at }: TilesKernel,
  grid: Grid,
  columns: number,
): KernelTaps {
  const { depth, groups } = spec
  const { x } = grid
  const step = 4 * packedWidth(columns, lanes)
  const down = x.taps.length * depth * step
  const terms = [
    [at.scratch, 1],
    [at.firstTap, down],
    [at.group, grid.groupBytes],
    [at.column, 4 * grid.depth],
  ] as const
  setLinear(f, at.b, grid.packed, ...terms)
  const along = { a: { step: 4 }, b: { step }, down }
  // Neighbouring pixels' channels follow each other: their taps are one run.
  if (groups === 1 && x.tapStep === 1) return { ...along, depth: x.taps.length * depth, across: [] }
  return {
    ...along,
    depth,
    across: [{ count: x.taps.length, a: x.tapStep * pixelBytes, b: depth * step }],
  }
}

/** Sets b to the first tap of a panel of a depthwise kernel, which is read where it is. */
function tapsInPlace({ f, spec, pixelBytes, at }: TilesKernel, { y, x }: Grid): KernelTaps {
  const { address, width } = spec.kernel
  const tap = 4 * spec.groups
  const down = tap * width * stepOf(y.taps)
  const terms = [
    [at.firstTap, down],
    [at.column, 4],
  ] as const
  setLinear(f, at.b, address + tap * (firstOf(y.taps) * width + firstOf(x.taps)), ...terms)
  return {
    depth: x.taps.length,
    a: { step: x.tapStep * pixelBytes, own: true },
    b: { step: tap * stepOf(x.taps) },
    across: [],
    down,
  }
}

function pushBehind(f: FunctionBuilder, pointer: Integer, bytes: number): void {
  f.get(pointer).i32(bytes).op('i32.add')
}

/** Stores the sums that wait in scratch memory, as the epilogue changes them. */
function sweep(kernel: TilesKernel, order: Order, { columns }: Extent): void {
  if (sweepOnMachine(kernel, order, columns)) return
  const { f, spec, width, at } = kernel
  const { output, groups, loopEpilogue } = spec
  const { rows, matrices } = order
  const [sum, vector, column] = [f.local('v128'), f.local('i32'), f.local('i32')]
  const channels = groups * spec.columns
  const sweepVector = (lanes: number): void => {
    setLinear(f, at.sum, 0, [at.out, 1], [vector, 1])
    f.get(at.sum).memory('v128.load').set(sum)
    setLinear(f, column, 0, [at.columnBytes, 1], [vector, 1])
    setLinear(f, at.element, 0, [at.line, channels], [column, 1])
    const position = {
      element: positionOf(at.element),
      row: positionOf(at.line),
      column: positionOf(column),
      lanes,
    }
    storeResult(f, sum, position, output.address, loopEpilogue)
  }
  const rest = columns % 4
  f.for(at.matrix, 0, matrices.count, 1, () => {
    f.for(at.row, 0, rows.count, 1, () => {
      f.for(vector, 0, 4 * (columns - rest), 16, () => sweepVector(4))
      if (rest > 0) {
        f.i32(4 * (columns - rest)).set(vector)
        sweepVector(rest)
      }
      advance(f, at.out, 4 * width)
      advance(f, at.line, rows.place)
    })
    advance(f, at.line, matrices.place - rows.count * rows.place)
  })
}

/** Calls the machine to do the same, if it knows the epilogue; else returns false. */
function sweepOnMachine(kernel: TilesKernel, { rows, matrices }: Order, columns: number): boolean {
  const { f, spec, machine, width, at } = kernel
  const { elementProgram: program } = spec
  if (program === undefined || columns <= FEW) return false
  const number = machine.tiles.sweepOf({
    program,
    columns,
    sums: 4 * width,
    row: rows.place,
    matrices: { rows: rows.count, sums: 4 * width * rows.count, row: matrices.place },
  })
  if (number === undefined) return false
  f.i32(number).get(at.out).get(at.line).get(at.columnBytes).i32(matrices.count).call(machine.call)
  return true
}
