// Sums over taps: the common form of a convolution and of its input gradient. Each image's outputs are register
// tiles of a few pixels of one row by a panel of output channels; the depth runs over taps and source channels, read
// in place (an implicit im2col). A depthwise convolution has no depth but its taps: its tiles multiply vectors of
// channels by vectors of channels.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { AxisTaps } from '../../plan/window.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { all, boundSteps, eachPiece, setLinear, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import {
  advance,
  clearTile,
  depthLoop,
  splitColumns,
  splitRows,
  stepTile,
  storeTile,
  tileRegisters,
  vectorsOf,
} from '../emit/tile.ts'
import type { Epilogue, Tile } from '../emit/tile.ts'
import { clearImage, copyImage, imageBytes, isPadded, rowBytes } from './image.ts'
import type { Image } from './image.ts'
import { packColumns, packRows } from './pack.ts'

export type TapSums = {
  readonly source: Image
  readonly batch: number
  readonly groups: number
  /** Source channels and output channels of one group. */
  readonly depth: number
  readonly columns: number
  /** Every pair of a vertical and a horizontal one gives the outputs of one grid. */
  readonly vertical: readonly AxisTaps[]
  readonly horizontal: readonly AxisTaps[]
  /** [height window, width window, channels / groups, filters]; rows of a tile's b, or its columns if `transposed`. */
  readonly kernel: { readonly address: number; readonly width: number; readonly transposed: boolean }
  readonly output: { readonly address: number; readonly height: number; readonly width: number }
  readonly arithmetic: Arithmetic
  /** Address of `tapScratch(spec)` bytes for each thread. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
}

type Grid = { readonly y: AxisTaps; readonly x: AxisTaps; readonly packed: number }

/** The grids with the offset of each one's packed kernel. */
function gridsOf(spec: TapSums): Grid[] {
  let packed = 0
  return spec.vertical.flatMap((y) =>
    spec.horizontal.map((x) => {
      const grid = { y, x, packed }
      packed += spec.groups * groupBytes(spec, grid)
      return grid
    }),
  )
}

function isDepthwise({ depth, columns, groups }: TapSums): boolean {
  return depth === 1 && columns === 1 && groups > 1
}

/** Bytes of one group's packed kernel. */
function groupBytes({ depth, columns }: TapSums, { y, x }: Pick<Grid, 'y' | 'x'>): number {
  return y.taps.length * x.taps.length * depth * 16 * Math.ceil(columns / 4)
}

function packedBytes(spec: TapSums): number {
  if (isDepthwise(spec)) return 0
  const bytes = gridsOf(spec).reduce((sum, grid) => sum + spec.groups * groupBytes(spec, grid), 64)
  return (bytes + 63) & ~63
}

/** Bytes of scratch memory that each thread needs. */
export function tapScratch(spec: TapSums): number {
  return packedBytes(spec) + (isPadded(spec.source) ? imageBytes(spec.source) : 0)
}

export function emitTapSums(f: FunctionBuilder, spec: TapSums, partition?: Partition): void {
  const { source, depth, kernel } = spec
  const depthwise = isDepthwise(spec)
  const channels = depthwise ? spec.groups : spec.groups * spec.columns
  const groups = depthwise ? 1 : spec.groups
  const padded = isPadded(source)
  const split: Pieces = depthwise ? splitWithRest(spec.groups, 4) : splitColumns(spec.columns)
  const grids = gridsOf(spec)
  const registers = tileRegisters(f)
  const integer = (): Local => f.local('i32')
  const [image, group, column, u, v] = [integer(), integer(), integer(), integer(), integer()]
  const [scratch, base, a, b] = [integer(), integer(), integer(), integer()]
  const [element, rowOffset, columnOffset] = [integer(), integer(), integer()]
  const [tapY, tapX, counter] = [integer(), integer(), integer()]
  const tapRange = { from: integer(), to: integer() }
  const [firstTap, pastTaps] = [{ local: tapRange.from }, { local: tapRange.to }]
  const pixelBytes = 4 * source.channels

  const perThread = tapScratch(spec)
  setLinear(f, scratch, spec.scratch, partition === undefined ? [] : [[partition.thread, perThread]])
  if (!depthwise) for (const grid of grids) pack(grid)
  if (padded) {
    setLinear(f, base, packedBytes(spec), [[scratch, 1]])
    clearImage(f, source, base)
  }
  const mine = share(f, spec.batch, partition)
  f.for(image, mine.from, mine.to, 1, () => {
    if (padded) copyImage(f, source, image, base)
    else setLinear(f, base, source.address, [[image, source.height * rowBytes(source)]])
    for (const grid of grids) {
      f.for(group, 0, groups, 1, () => {
        eachPiece(f, split, all(split), column, (width) => {
          f.for(u, 0, grid.y.outputs, 1, () => {
            const { first, sourceStep, taps, tapStep } = grid.y
            const inside = { step: Math.max(1, tapStep), count: taps.length, length: source.height }
            boundSteps(f, tapRange, [first, [[u, sourceStep]]], inside)
            const tiles = splitRows(grid.x.outputs, width)
            eachPiece(f, tiles, all(tiles), v, (rows) => {
              sumTile(grid, { rows, columns: width })
            })
          })
        })
      })
    }
  })

  /** Copies the kernel of every group and panel into the order in which tiles read it: taps, then source channels. */
  function pack({ y, x, packed }: Grid): void {
    const plane = kernel.transposed ? spec.columns : depth
    const [from, to] = [integer(), integer()]
    f.for(group, 0, groups, 1, () => {
      eachPiece(f, split, all(split), column, (width) => {
        const panel = 16 * Math.ceil(width / 4)
        f.for(tapY, 0, y.taps.length, 1, () => {
          f.for(tapX, 0, x.taps.length, 1, () => {
            const cell = 4 * plane * filters()
            setLinear(f, from, kernel.address + cell * (firstOf(y.taps) * kernel.width + firstOf(x.taps)), [
              [tapY, cell * stepOf(y.taps) * kernel.width],
              [tapX, cell * stepOf(x.taps)],
              [group, 4 * (kernel.transposed ? depth : spec.columns)],
              [column, 4 * (kernel.transposed ? filters() : 1)],
            ])
            setLinear(f, to, packed, [
              [scratch, 1],
              [group, groupBytes(spec, { y, x })],
              [column, 4 * totalDepth({ y, x })],
              [tapY, x.taps.length * depth * panel],
              [tapX, depth * panel],
            ])
            if (kernel.transposed) packRows(f, from, to, depth, filters(), width)
            else packColumns(f, from, to, depth, filters(), width)
          })
        })
      })
    })
  }

  function filters(): number {
    return spec.groups * (kernel.transposed ? depth : spec.columns)
  }

  function totalDepth({ y, x }: Pick<Grid, 'y' | 'x'>): number {
    return y.taps.length * x.taps.length * depth
  }

  function sumTile({ y, x, packed }: Grid, tile: Tile): void {
    const left = x.first + source.padding[0]
    setLinear(f, a, y.first * rowBytes(source) + left * pixelBytes, [
      [base, 1],
      [u, y.sourceStep * rowBytes(source)],
      [tapRange.from, y.tapStep * rowBytes(source)],
      [v, x.sourceStep * pixelBytes],
      [group, 4 * depth],
      [column, depthwise ? 4 : 0],
    ])
    clearTile(f, registers, tile)
    const sum = depthwise ? sumDepthwise : sumPacked
    if (y.taps.length > 0 && x.taps.length > 0) sum({ y, x, packed }, tile)
    setLinear(f, element, 4 * channels * (y.start * spec.output.width + x.start), [
      [image, 4 * channels * spec.output.height * spec.output.width],
      [u, 4 * channels * y.stride * spec.output.width],
      [v, 4 * channels * x.stride],
      [group, 4 * spec.columns],
      [column, 4],
    ])
    setLinear(f, rowOffset, 4 * (y.start * spec.output.width + x.start), [
      [image, 4 * spec.output.height * spec.output.width],
      [u, 4 * y.stride * spec.output.width],
      [v, 4 * x.stride],
    ])
    setLinear(f, columnOffset, 0, [
      [group, 4 * spec.columns],
      [column, 4],
    ])
    storeTile(f, registers, tile, {
      output: spec.output.address,
      rowStride: channels * x.stride,
      rowStep: x.stride,
      element,
      row: rowOffset,
      column: columnOffset,
      epilogue: spec.epilogue,
    })
  }

  function sumPacked(grid: Grid, tile: Tile): void {
    const { y, x, packed } = grid
    const panel = 16 * vectorsOf(tile)
    setLinear(f, b, packed, [
      [scratch, 1],
      [tapRange.from, x.taps.length * depth * panel],
      [group, groupBytes(spec, grid)],
      [column, 4 * totalDepth(grid)],
    ])
    // Neighbouring pixels' channels follow each other: their taps are one run.
    const joined = spec.groups === 1 && x.tapStep === 1
    const [runs, run] = joined ? [1, x.taps.length * depth] : [x.taps.length, depth]
    f.for(tapY, firstTap, pastTaps, 1, () => {
      f.for(tapX, 0, runs, 1, () => {
        depthLoop(
          f,
          tile,
          run,
          [
            { local: a, step: 4 },
            { local: b, step: panel },
          ],
          counter,
          (k) => {
            stepTile(
              f,
              registers,
              tile,
              spec.arithmetic,
              (row) => f.get(a).memory('v128.load32_splat', row * x.sourceStep * pixelBytes + 4 * k),
              (vector) => f.get(b).memory('v128.load', k * panel + 16 * vector),
            )
          },
        )
        if (!joined) advance(f, a, x.tapStep * pixelBytes - 4 * run)
      })
      const done = joined ? 4 * run : runs * x.tapStep * pixelBytes
      advance(f, a, y.tapStep * rowBytes(source) - done)
    })
  }

  function sumDepthwise({ y, x }: Grid, tile: Tile): void {
    f.for(tapY, firstTap, pastTaps, 1, () => {
      setLinear(f, b, kernel.address + 4 * channels * (firstOf(y.taps) * kernel.width + firstOf(x.taps)), [
        [column, 4],
        [tapY, 4 * channels * kernel.width * stepOf(y.taps)],
      ])
      f.for(tapX, 0, x.taps.length, 1, () => {
        stepTile(
          f,
          registers,
          tile,
          spec.arithmetic,
          (row) => f.get(a).memory('v128.load', row * x.sourceStep * pixelBytes),
          () => f.get(b).memory('v128.load'),
        )
        advance(f, a, x.tapStep * pixelBytes)
        advance(f, b, 4 * channels * stepOf(x.taps))
      })
      advance(f, a, y.tapStep * rowBytes(source) - x.taps.length * x.tapStep * pixelBytes)
    })
  }
}

function firstOf([first = 0]: readonly number[]): number {
  return first
}

function stepOf([first = 0, second = first]: readonly number[]): number {
  return second - first
}
