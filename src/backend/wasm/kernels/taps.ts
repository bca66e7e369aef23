// Sums over taps: the common form of a convolution and of its input gradient. Each image's outputs are register
// tiles of a few pixels of one row by a panel of output channels; the depth runs over taps and source channels, read
// in place (an implicit im2col). A depthwise convolution has no depth but its taps: its tiles multiply vectors of
// channels by vectors of channels.

import { splitWithRest } from '../../plan/pieces.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { advance, boundSteps, setLinear } from '../emit/integers.ts'
import { all, eachPiece, locateScratch, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import { clearTile, multiplyTile, splitColumns, splitRows, stepTile, storeTile } from '../emit/tile.ts'
import { tileRegisters, vectorsOf } from '../emit/tile.ts'
import type { Tile } from '../emit/tile.ts'
import { openImage, paddedBytes, preparePadding, rowBytes } from './image.ts'
import { firstOf, gridsOf, packedBytes, packKernel, stepOf } from './tap-sums.ts'
import type { Grid, TapSums } from './tap-sums.ts'

/** Numbers of a vector. */
const LANES = 4

/** Bytes of the packed kernel: a depthwise one is read where it is. */
function kernelBytes(spec: TapSums): number {
  return spec.depthwise ? 0 : packedBytes(gridsOf(spec, LANES), spec)
}

/** Bytes of scratch memory that each thread needs. */
export function tapScratch(spec: TapSums): number {
  return kernelBytes(spec) + paddedBytes(spec.source)
}

export function emitTapSums(f: FunctionBuilder, spec: TapSums, partition?: Partition): void {
  const kernel = kernelOf(f, spec)
  const { source, batch } = spec
  const { at, grids } = kernel
  locateScratch(f, at.scratch, spec.scratch, tapScratch(spec), partition)
  if (!kernel.depthwise) for (const grid of grids) packKernel(f, spec, grid, kernel)
  preparePadding(f, source, at.base, at.scratch, kernelBytes(spec))
  const mine = share(f, batch, partition)
  f.for(at.image, mine.from, mine.to, 1, () => {
    openImage(f, source, at.image, at.base)
    for (const grid of grids) sumGrid(kernel, grid)
  })
}

/** The function being written, what it computes, and its locals. */
type TapKernel = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: TapSums) {
  const { depthwise } = spec
  return {
    f,
    spec,
    depthwise,
    lanes: LANES,
    /** Channels of the output, and groups that are computed one after the other. */
    channels: depthwise ? spec.groups : spec.groups * spec.columns,
    groups: depthwise ? 1 : spec.groups,
    panels: depthwise ? splitWithRest(spec.groups, 4) : splitColumns(spec.columns),
    grids: gridsOf(spec, LANES),
    pixelBytes: 4 * spec.source.channels,
    registers: tileRegisters(f),
    at: {
      ...f.integers('image', 'group', 'column', 'u', 'v', 'scratch', 'base', 'a', 'b'),
      ...f.integers(
        'element',
        'rowOffset',
        'columnOffset',
        'tapY',
        'tapX',
        'counter',
        'firstTap',
        'pastTaps',
      ),
    },
  }
}

/** The outputs of a grid in one image, tile by tile. */
function sumGrid(kernel: TapKernel, grid: Grid): void {
  const { f, spec, groups, panels, at } = kernel
  const { first, outputs, sourceStep, taps, tapStep } = grid.y
  const inside = { step: Math.max(1, tapStep), count: taps.length, length: spec.source.height }
  f.for(at.group, 0, groups, 1, () => {
    eachPiece(f, panels, all(panels), at.column, (columns) => {
      f.for(at.u, 0, outputs, 1, () => {
        boundSteps(f, { from: at.firstTap, to: at.pastTaps }, [first, [[at.u, sourceStep]]], inside)
        const tiles = splitRows(grid.x.outputs, columns)
        eachPiece(f, tiles, all(tiles), at.v, (rows) => sumTile(kernel, grid, { rows, columns }))
      })
    })
  })
}

function sumTile(kernel: TapKernel, grid: Grid, tile: Tile): void {
  const { f, spec, depthwise, pixelBytes, registers, at } = kernel
  const { y, x } = grid
  const { source, depth } = spec
  const left = x.first + source.padding[0]
  const aTerms = [
    [at.base, 1],
    [at.u, y.sourceStep * rowBytes(source)],
    [at.firstTap, y.tapStep * rowBytes(source)],
    [at.v, x.sourceStep * pixelBytes],
    [at.group, 4 * depth],
    [at.column, depthwise ? 4 : 0],
  ] as const
  setLinear(f, at.a, y.first * rowBytes(source) + left * pixelBytes, ...aTerms)
  clearTile(f, registers, tile)
  if (y.taps.length > 0 && x.taps.length > 0) {
    if (depthwise) sumDepthwise(kernel, grid, tile)
    else sumPacked(kernel, grid, tile)
  }
  store(kernel, grid, tile)
}

function sumPacked(kernel: TapKernel, grid: Grid, tile: Tile): void {
  const { f, spec, pixelBytes, registers, at } = kernel
  const { source, depth, groups, arithmetic } = spec
  const { y, x, packed, groupBytes } = grid
  const panel = 16 * vectorsOf(tile)
  const bTerms = [
    [at.scratch, 1],
    [at.firstTap, x.taps.length * depth * panel],
    [at.group, groupBytes],
    [at.column, 4 * grid.depth],
  ] as const
  setLinear(f, at.b, packed, ...bTerms)
  // Neighbouring pixels' channels follow each other: their taps are one run.
  const joined = groups === 1 && x.tapStep === 1
  const [runs, run] = joined ? [1, x.taps.length * depth] : [x.taps.length, depth]
  f.for(at.tapY, at.firstTap, at.pastTaps, 1, () => {
    f.for(at.tapX, 0, runs, 1, () => {
      multiplyTile(f, registers, tile, {
        depth: run,
        counter: at.counter,
        arithmetic,
        a: { local: at.a, row: x.sourceStep * pixelBytes, step: 4 },
        b: { local: at.b, step: panel },
      })
      if (!joined) advance(f, at.a, x.tapStep * pixelBytes - 4 * run)
    })
    const done = joined ? 4 * run : runs * x.tapStep * pixelBytes
    advance(f, at.a, y.tapStep * rowBytes(source) - done)
  })
}

function sumDepthwise(kernel: TapKernel, { y, x }: Grid, tile: Tile): void {
  const { f, spec, channels, pixelBytes, registers, at } = kernel
  const { source, arithmetic } = spec
  const { address, width } = spec.kernel
  f.for(at.tapY, at.firstTap, at.pastTaps, 1, () => {
    const bTerms = [
      [at.column, 4],
      [at.tapY, 4 * channels * width * stepOf(y.taps)],
    ] as const
    setLinear(f, at.b, address + 4 * channels * (firstOf(y.taps) * width + firstOf(x.taps)), ...bTerms)
    f.for(at.tapX, 0, x.taps.length, 1, () => {
      stepTile(
        f,
        registers,
        tile,
        arithmetic,
        (row) => f.get(at.a).memory('v128.load', row * x.sourceStep * pixelBytes),
        () => f.get(at.b).memory('v128.load'),
      )
      advance(f, at.a, x.tapStep * pixelBytes)
      advance(f, at.b, 4 * channels * stepOf(x.taps))
    })
    advance(f, at.a, y.tapStep * rowBytes(source) - x.taps.length * x.tapStep * pixelBytes)
  })
}

function store({ f, spec, channels, registers, at }: TapKernel, { y, x }: Grid, tile: Tile): void {
  const { output, columns, epilogue } = spec
  const elementTerms = [
    [at.image, 4 * channels * output.height * output.width],
    [at.u, 4 * channels * y.stride * output.width],
    [at.v, 4 * channels * x.stride],
    [at.group, 4 * columns],
    [at.column, 4],
  ] as const
  setLinear(f, at.element, 4 * channels * (y.start * output.width + x.start), ...elementTerms)
  const rowOffsetTerms = [
    [at.image, 4 * output.height * output.width],
    [at.u, 4 * y.stride * output.width],
    [at.v, 4 * x.stride],
  ] as const
  setLinear(f, at.rowOffset, 4 * (y.start * output.width + x.start), ...rowOffsetTerms)
  setLinear(f, at.columnOffset, 0, [at.group, 4 * columns], [at.column, 4])
  storeTile(f, registers, tile, {
    output: output.address,
    rowStride: channels * x.stride,
    rowStep: x.stride,
    element: at.element,
    row: at.rowOffset,
    column: at.columnOffset,
    epilogue,
  })
}
