// What sums over taps are: the grids of outputs that read the same taps, and the kernel in the order in which tiles read it.

import { packedWidth } from '../../plan/matmul.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { ElementProgram } from '../../plan/element-program.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { AxisTaps } from '../../plan/window.ts'
import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
import { all, eachPiece } from '../emit/partition.ts'
import type { Epilogue } from '../emit/tile.ts'
import type { PaddedImage } from './image.ts'
import type { ImportedMachine } from './machine.ts'
import { packColumns, packRows } from './pack.ts'

export type TapSums = {
  readonly source: PaddedImage
  readonly batch: number
  readonly groups: number
  readonly depthwise: boolean
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
  /** The same for loops, and for a machine, see MatmulSpec. */
  readonly loopEpilogue?: Epilogue | undefined
  readonly elementProgram?: ElementProgram | undefined
  /** A machine that multiplies tiles instead of code of this module. */
  readonly machine?: ImportedMachine | undefined
}

/** Outputs that sum over the same taps. */
export type Grid = {
  readonly y: AxisTaps
  readonly x: AxisTaps
  /** Taps times source channels. */
  readonly depth: number
  /** Offset of the packed kernel in scratch memory, and bytes of one group of it. */
  readonly packed: number
  readonly groupBytes: number
}

/** The grids, for a kernel that is packed in vectors of `lanes` numbers. */
export function gridsOf(
  { vertical, horizontal, depth: channels, columns, groups }: TapSums,
  lanes: number,
): Grid[] {
  let packed = 0
  return vertical.flatMap((y) =>
    horizontal.map((x) => {
      const depth = y.taps.length * x.taps.length * channels
      const grid = { y, x, depth, packed, groupBytes: 4 * depth * packedWidth(columns, lanes) }
      packed += groups * grid.groupBytes
      return grid
    }),
  )
}

/** Bytes of the packed kernel. */
export function packedBytes(grids: readonly Grid[], { groups }: TapSums): number {
  const bytes = grids.reduce((sum, { groupBytes }) => sum + groups * groupBytes, 64)
  return (bytes + 63) & ~63
}

/** Filters of the whole kernel. */
function filtersOf({ groups, kernel, depth, columns }: TapSums): number {
  return groups * (kernel.transposed ? depth : columns)
}

/** The panels that a kernel is packed in, the numbers of a vector, and locals for the places in it. */
export type Packing = {
  readonly panels: Pieces
  readonly lanes: number
  readonly at: Readonly<Record<'scratch' | 'group' | 'column' | 'tapY' | 'tapX', Integer>>
}

/** Copies the kernel of every group and panel into the order in which tiles read it: taps, then source channels. */
export function packKernel(f: FunctionBuilder, spec: TapSums, grid: Grid, packing: Packing): void {
  const { panels, lanes, at } = packing
  const { y, x, packed, groupBytes } = grid
  const { kernel, depth, columns } = spec
  const filters = filtersOf(spec)
  const cell = 4 * (kernel.transposed ? columns : depth) * filters
  const { from, to } = f.integers('from', 'to')
  const eachTap = (width: number): void => {
    const panel = 4 * packedWidth(width, lanes)
    const fromTerms = [
      [at.tapY, cell * stepOf(y.taps) * kernel.width],
      [at.tapX, cell * stepOf(x.taps)],
      [at.group, 4 * (kernel.transposed ? depth : columns)],
      [at.column, 4 * (kernel.transposed ? filters : 1)],
    ] as const
    setLinear(
      f,
      from,
      kernel.address + cell * (firstOf(y.taps) * kernel.width + firstOf(x.taps)),
      ...fromTerms,
    )
    const toTerms = [
      [at.scratch, 1],
      [at.group, groupBytes],
      [at.column, 4 * grid.depth],
      [at.tapY, x.taps.length * depth * panel],
      [at.tapX, depth * panel],
    ] as const
    setLinear(f, to, packed, ...toTerms)
    const pack = kernel.transposed ? packRows : packColumns
    pack(f, { source: from, target: to, depth, stride: filters, columns: width, lanes })
  }
  f.for(at.group, 0, spec.groups, 1, () => {
    eachPiece(f, panels, all(panels), at.column, (width) => {
      f.for(at.tapY, 0, y.taps.length, 1, () => {
        f.for(at.tapX, 0, x.taps.length, 1, () => eachTap(width))
      })
    })
  })
}

/** The first of an axis's taps, and the step to the next. */
export function firstOf([first = 0]: readonly number[]): number {
  return first
}

export function stepOf([first = 0, second = first]: readonly number[]): number {
  return second - first
}
