// Sums over taps on a machine that multiplies tiles. A few images are padded at once; for each panel of output channels
// and each row of the outputs one call computes them in all of these images. Rows of a tile are neighbouring outputs, or
// where images are small the same output of several images. The columns of a depthwise convolution are its channels, each
// of which has its own source.

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
/** Outputs of a row from which they fill the rows of a tile. */
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
  const grids = gridsOf(spec, sizes.lanes)
  const blocks = blocksOf(spec, tiles.rowsBeside(width))
  const images = blocks[0]?.size ?? 1
  const longest = Math.max(...grids.map(({ x }) => x.outputs))
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
    offsets: { padded, sums, end: (sums + 4 * width * images * longest + 63) & ~63 },
  }
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
      f.for(at.group, 0, groups, 1, () => {
        eachPiece(f, panels, all(panels), at.column, (columns) => {
          f.for(at.u, 0, grid.y.outputs, 1, () => sumRow(kernel, grid, { images, columns }))
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
      ...f.integers('scratch', 'first', 'image', 'group', 'column', 'u', 'v', 'base', 'tapY', 'tapX'),
      ...f.integers('firstTap', 'pastTaps', 'a', 'b', 'out', 'sum', 'element', 'row', 'columnBytes'),
    },
  }
}

/** Sets `base` to the images of a block, copied between zeros where they are padded. */
function openBlock({ f, spec, imageStep, offsets, at }: TilesKernel, images: number): void {
  const { source } = spec
  if (!isPadded(source)) return openImage(f, source, at.first, at.base)
  f.for(at.v, 0, images, 1, () => {
    setLinear(f, at.image, 0, [at.first, 1], [at.v, 1])
    setLinear(f, at.base, offsets.padded, [at.scratch, 1], [at.v, imageStep])
    openImage(f, source, at.image, at.base)
  })
  setLinear(f, at.base, offsets.padded, [at.scratch, 1])
}

/** Images of a block and columns of a panel. */
type Extent = { readonly images: number; readonly columns: number }

/** One row of a grid's outputs in all images of a block. */
function sumRow(kernel: TilesKernel, grid: Grid, extent: Extent): void {
  const { f, spec, width, offsets, at } = kernel
  const { y, x } = grid
  const inside = { step: Math.max(1, y.tapStep), count: y.taps.length, length: spec.source.height }
  boundSteps(f, { from: at.firstTap, to: at.pastTaps }, [y.first, [[at.u, y.sourceStep]]], inside)
  setLinear(f, at.out, offsets.sums, [at.scratch, 1])
  const counts = x.taps.length === 0 ? [0] : tapCounts(y, spec.source.height)
  for (const taps of counts) {
    const sum = (): void => {
      if (taps > 0) multiplyRow(kernel, grid, extent, taps)
      else clearBytes(f, at.out, 4 * width * extent.images * x.outputs)
    }
    if (counts.length === 1) sum()
    else {
      f.get(at.pastTaps).get(at.firstTap).op('i32.sub').i32(taps).op('i32.eq')
      f.if(sum)
    }
  }
  sweepRow(kernel, grid, extent)
}

/** The different numbers of taps of an axis that fall into the source. */
function tapCounts({ outputs, first, sourceStep, taps, tapStep }: AxisTaps, length: number): number[] {
  const counts = Array.from({ length: outputs }, (_, i) => {
    const inside = taps.map((_tap, t) => first + i * sourceStep + t * tapStep)
    return inside.filter((at) => at >= 0 && at < length).length
  })
  return [...new Set(counts)]
}

/** Distances between the rows of tiles, in the source and among the sums: along a row of outputs, from image to image. */
function distances({ width, imageStep, pixelBytes }: TilesKernel, { x }: Grid, images: number) {
  const wide = x.outputs >= WIDE || x.outputs >= images
  const pixel = x.sourceStep * pixelBytes
  const row = 4 * width
  return wide
    ? { wide, rows: x.outputs, a: pixel, next: { count: images, a: imageStep, out: x.outputs * row } }
    : { wide, rows: images, a: imageStep, next: { count: x.outputs, a: pixel, out: images * row } }
}

/** Leaves the sums of a row of outputs in scratch memory. */
function multiplyRow(kernel: TilesKernel, grid: Grid, { images, columns }: Extent, taps: number): void {
  const { f, spec, machine, width, pixelBytes, at } = kernel
  const { source, depthwise, depth } = spec
  const { y, x } = grid
  const line = rowBytes(source)
  const aTerms = [
    [at.base, 1],
    [at.u, y.sourceStep * line],
    [at.firstTap, y.tapStep * line],
    [at.group, 4 * depth],
    [at.column, depthwise ? 4 : 0],
  ] as const
  setLinear(f, at.a, y.first * line + (x.first + source.padding[0]) * pixelBytes, ...aTerms)
  const kernelTaps = depthwise ? tapsInPlace(kernel, grid) : packedTaps(kernel, grid, columns)
  const down = { count: taps, a: y.tapStep * line, b: kernelTaps.down }
  const { rows, a, next } = distances(kernel, grid, images)
  for (const { size, count, start } of splitEvenly(rows, machine.tiles.rowsBeside(columns))) {
    const run: TileRun = {
      rows: size,
      columns,
      depth: kernelTaps.depth,
      a: { row: a, ...kernelTaps.a },
      b: kernelTaps.b,
      out: { row: 4 * width, padded: true },
      runs: [...kernelTaps.across, down],
      adds: false,
      matrices: { tiles: count, a: next.a, b: 0, out: next.out },
    }
    f.i32(machine.tiles.functionOf(run))
    pushBehind(f, at.a, start * a)
    f.get(at.b)
    pushBehind(f, at.out, start * 4 * width)
    f.i32(next.count).call(machine.call)
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

/** Stores the sums of a row of outputs, as the epilogue changes them. */
function sweepRow(kernel: TilesKernel, grid: Grid, { images, columns }: Extent): void {
  if (sweepOnMachine(kernel, grid, { images, columns })) return
  const { f, spec, width, at } = kernel
  const { output, groups, loopEpilogue } = spec
  const { y, x } = grid
  const { wide, rows, next } = distances(kernel, grid, images)
  const [sum, vector] = [f.local('v128'), f.local('i32')]
  const channels = groups * spec.columns
  const sweepVector = (lanes: number): void => {
    setLinear(f, at.sum, 0, [at.out, 1], [vector, 1])
    f.get(at.sum).memory('v128.load').set(sum)
    setLinear(f, at.columnBytes, 0, [at.group, 4 * spec.columns], [at.column, 4], [vector, 1])
    setLinear(f, at.element, 0, [at.row, channels], [at.columnBytes, 1])
    const position = {
      element: positionOf(at.element),
      row: positionOf(at.row),
      column: positionOf(at.columnBytes),
      lanes,
    }
    storeResult(f, sum, position, output.address, loopEpilogue)
  }
  // The sums lie in the order of tiles; `v` and `image` say which of them these are.
  const [outer, inner] = wide ? [at.image, at.v] : [at.v, at.image]
  const rest = columns % 4
  f.for(outer, 0, next.count, 1, () => {
    f.for(inner, 0, rows, 1, () => {
      const rowTerms = [
        [at.first, 4 * output.height * output.width],
        [at.image, 4 * output.height * output.width],
        [at.u, 4 * y.stride * output.width],
        [at.v, 4 * x.stride],
      ] as const
      setLinear(f, at.row, 4 * (y.start * output.width + x.start), ...rowTerms)
      f.for(vector, 0, 4 * (columns - rest), 16, () => sweepVector(4))
      if (rest > 0) {
        f.i32(4 * (columns - rest)).set(vector)
        sweepVector(rest)
      }
      advance(f, at.out, 4 * width)
    })
  })
}

/** Calls the machine to do the same, if it knows the epilogue; else returns false. */
function sweepOnMachine(kernel: TilesKernel, grid: Grid, { images, columns }: Extent): boolean {
  const { f, spec, machine, width, at } = kernel
  const { output, elementProgram: program } = spec
  if (program === undefined || columns <= FEW) return false
  const { y, x } = grid
  const { wide, rows, next } = distances(kernel, grid, images)
  const [pixel, image] = [4 * x.stride, 4 * output.height * output.width]
  const number = machine.tiles.sweepOf({
    program,
    columns,
    sums: 4 * width,
    row: wide ? pixel : image,
    matrices: { rows, sums: 4 * width * rows, row: wide ? image : pixel },
  })
  if (number === undefined) return false
  const rowTerms = [
    [at.first, image],
    [at.u, 4 * y.stride * output.width],
  ] as const
  setLinear(f, at.row, 4 * (y.start * output.width + x.start), ...rowTerms)
  setLinear(f, at.columnBytes, 0, [at.group, 4 * spec.columns], [at.column, 4])
  f.i32(number).get(at.out).get(at.row).get(at.columnBytes).i32(next.count).call(machine.call)
  return true
}
