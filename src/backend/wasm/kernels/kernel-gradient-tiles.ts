// The gradient of a convolution to its kernel on a machine that multiplies tiles: a call computes a panel of filters of
// one vertical tap, in one image, or where images are small in several of them, whose sums it adds up in order.

import { packedWidth } from '../../plan/matmul.ts'
import type { TileSizes } from '../../plan/matmul.ts'
import { pieceCount, splitEvenly, splitPanels, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import type { TileRun } from '../../plan/tile-machine.ts'
import type { AxisTaps } from '../../plan/window.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { clearBytes, setLinear } from '../emit/integers.ts'
import { all, eachPiece, eachSize, locateScratch, share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import { geometryOf, pixelsOf } from './convolution-kernel-gradient.ts'
import type { KernelGradientSpec } from './convolution-kernel-gradient.ts'
import { imageBytes, isPadded, openImage, rowBytes } from './image.ts'
import type { ImportedMachine } from './machine.ts'
import { packColumns } from './pack.ts'

/** Pixels of an image from which its sums alone are enough work for a call. */
const LARGE = 48
/** Passes over dy up to which a copy of it in the order of tiles does not pay. */
const FEW_PASSES = 4
/** Bytes of images that a call goes through: they stay in the second cache. */
const IMAGE_BYTES = 2 ** 18

function planOf(spec: KernelGradientSpec, { tiles }: ImportedMachine) {
  const { window } = spec
  const { sizes } = tiles
  const geometry = geometryOf(spec)
  const { source, depthwise, width, rows } = geometry
  const inOneTile = rows <= tiles.rowsBeside(Math.min(width, sizes.widest))
  const pixels = pixelsOf(window)
  const room = Math.max(1, Math.floor(IMAGE_BYTES / imageBytes(source)))
  const blocks = splitEvenly(window.batch, pixels < LARGE ? room : 1)
  const images = blocks[0]?.size ?? 1
  const panels = depthwise
    ? splitWithRest(width, depthwisePanel(width, sizes))
    : panelsOf(width, inOneTile, sizes)
  const widest = packedWidth(Math.max(...panels.map(({ size }) => size)), sizes.lanes)
  const padded = depthwise ? 0 : (4 * images * pixels * widest + 63) & ~63
  return {
    ...geometry,
    pixels,
    blocks,
    panels,
    /** Threads share the panels of filters, or where those are few the rows of each. */
    byPanel: depthwise || inOneTile || pieceCount(panels) >= 4,
    lanes: sizes.lanes,
    /** Bytes from one image to the next. */
    imageStep: isPadded(source) ? imageBytes(source) : source.height * rowBytes(source),
    /** Byte offsets of the padded images in a thread's scratch memory, behind a packed panel of dy, and of its end. */
    offsets: { padded, end: padded + (isPadded(source) ? images * imageBytes(source) : 0) },
  }
}

/** Panels of filters: two at least where threads have nothing else to share. */
function panelsOf(filters: number, inOneTile: boolean, sizes: TileSizes): Pieces {
  if (!inOneTile || filters > sizes.widest) return splitPanels(filters, sizes)
  return splitWithRest(filters, sizes.lanes * Math.ceil(filters / (2 * sizes.lanes)))
}

/** Channels of a panel: threads share the panels, and tiles of few taps want two vectors. */
function depthwisePanel(channels: number, { lanes, usual }: TileSizes): number {
  return channels >= 2 * usual ? usual : lanes
}

/** Bytes of scratch memory that each thread needs. */
export function gradientTilesScratch(spec: KernelGradientSpec, machine: ImportedMachine): number {
  return planOf(spec, machine).offsets.end
}

export function emitGradientTiles(
  f: FunctionBuilder,
  spec: KernelGradientSpec,
  machine: ImportedMachine,
  partition?: Partition,
): void {
  const kernel = kernelOf(f, spec, machine)
  const { source, groups, panels, byPanel, blocks, offsets, at } = kernel
  const range = (pieces: Pieces, divided: boolean): PieceRange =>
    divided ? share(f, pieceCount(pieces), partition) : all(pieces)
  const myPanels = range(panels, byPanel)
  locateScratch(f, at.scratch, spec.scratch, offsets.end, partition)
  if (isPadded(source)) {
    setLinear(f, at.base, offsets.padded, [at.scratch, 1])
    clearBytes(f, at.base, offsets.end - offsets.padded)
  }
  eachPiece(f, blocks, all(blocks), at.first, (images) => {
    openBlock(kernel, images)
    f.for(at.group, 0, groups, 1, () => {
      eachPiece(f, panels, myPanels, at.column, (columns) => {
        if (isPacked(kernel, columns)) packPanel(kernel, images, columns)
        sumPanel(kernel, images, columns, (tiles) => range(tiles, !byPanel))
      })
    })
  })
}

/** The function being written, what it computes, and its locals. */
type GradientTiles = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: KernelGradientSpec, machine: ImportedMachine) {
  return {
    ...planOf(spec, machine),
    f,
    spec,
    machine,
    at: {
      ...f.integers('scratch', 'first', 'image', 'inBlock', 'base', 'group', 'column', 'tapX', 'row'),
      ...f.integers('a', 'b', 'out', 'count'),
    },
  }
}

/** Sets `base` to the images of a block, copied between zeros where they are padded. */
function openBlock({ f, source, imageStep, offsets, at }: GradientTiles, images: number): void {
  if (!isPadded(source)) return openImage(f, source, at.first, at.base)
  f.for(at.inBlock, 0, images, 1, () => {
    setLinear(f, at.image, 0, [at.first, 1], [at.inBlock, 1])
    setLinear(f, at.base, offsets.padded, [at.scratch, 1], [at.inBlock, imageStep])
    openImage(f, source, at.image, at.base)
  })
  setLinear(f, at.base, offsets.padded, [at.scratch, 1])
}

/** Sets b to a panel of dy in a block of images, `bytes` behind its first pixel. */
function locatePanel({ f, spec, width, pixels, at }: GradientTiles, bytes = 0): void {
  const { filters } = spec.window
  const terms = [
    [at.first, 4 * filters * pixels],
    [at.group, 4 * width],
    [at.column, 4],
  ] as const
  setLinear(f, at.b, spec.dy + bytes, ...terms)
}

/** True if tiles read a panel of dy in a copy: it is read once for each of them, at each tap. */
function isPacked(
  { depthwise, down, runs, rows, machine: { tiles } }: GradientTiles,
  columns: number,
): boolean {
  const passes = down.taps.length * runs * Math.ceil(rows / tiles.rowsBeside(columns))
  return !depthwise && passes > FEW_PASSES
}

/** Copies a panel of dy in the order in which tiles read it. */
function packPanel(kernel: GradientTiles, images: number, columns: number): void {
  const { f, spec, pixels, lanes, at } = kernel
  const { filters } = spec.window
  locatePanel(kernel)
  const depth = images * pixels
  packColumns(f, { source: at.b, target: at.scratch, depth, stride: filters, columns, lanes })
}

/** Adds what a block of images gives to all taps of a panel. */
function sumPanel(
  kernel: GradientTiles,
  images: number,
  columns: number,
  share: (tiles: Pieces) => PieceRange,
): void {
  const { f, spec, machine, down, across, runs, rows, depth, width, at } = kernel
  const tiles = splitEvenly(rows, machine.tiles.rowsBeside(columns))
  const mine = share(tiles)
  const { filters } = spec.window
  for (const tapY of down.taps.keys()) {
    const lines = linesOf(down, tapY, kernel.source.height)
    f.for(at.tapX, 0, runs, 1, () => {
      eachSize(f, tiles, mine, { element: at.row, count: at.count }, (height) => {
        const outTerms = [
          [at.tapX, 4 * filters * depth],
          [at.row, 4 * filters],
          [at.group, 4 * width],
          [at.column, 4],
        ] as const
        setLinear(f, at.out, spec.output + 4 * filters * tapY * across.taps.length * depth, ...outTerms)
        callMachine(kernel, { images, columns, height, tapY, lines })
      })
    })
  }
}

/** Lines of an image of dy whose windows have a vertical tap inside the source. */
type TapLines = { readonly first: number; readonly count: number }

function linesOf({ outputs, first, sourceStep, tapStep }: AxisTaps, tap: number, height: number): TapLines {
  const inside = Array.from({ length: outputs }, (_, u) => first + u * sourceStep + tap * tapStep)
  const lines = [...inside.entries()].filter(([, at]) => at >= 0 && at < height)
  return { first: lines[0]?.[0] ?? 0, count: lines.length }
}

/** Tiles of some rows of the kernel, at a vertical tap. */
type TilesAt = {
  readonly images: number
  readonly columns: number
  readonly height: number
  readonly tapY: number
  readonly lines: TapLines
}

/** Adds the sums of the next tiles, as many as the local `count` says, to the result at `out`. */
function callMachine(kernel: GradientTiles, { images, columns, height, tapY, lines }: TilesAt): void {
  const { f, spec, source, depthwise, machine, down, across, pixels } = kernel
  const { rowStep, pixelBytes, lanes, imageStep, at } = kernel
  const line = rowBytes(source)
  const topLine = down.first + lines.first * down.sourceStep + tapY * down.tapStep
  const aTerms = [
    [at.base, 1],
    [at.tapX, across.tapStep * pixelBytes],
    [at.row, rowStep],
    [at.group, 4 * kernel.depth],
    [at.column, depthwise ? 4 : 0],
  ] as const
  setLinear(f, at.a, topLine * line + (across.first + source.padding[0]) * pixelBytes, ...aTerms)
  const packed = isPacked(kernel, columns)
  const step = 4 * (packed ? packedWidth(columns, lanes) : spec.window.filters)
  const firstLine = lines.first * across.outputs * step
  if (packed) setLinear(f, at.b, firstLine, [at.scratch, 1])
  else locatePanel(kernel, firstLine)
  const run: TileRun = {
    rows: height,
    columns,
    depth: lines.count > 0 ? across.outputs : 0,
    a: { row: rowStep, step: across.sourceStep * pixelBytes, ...(depthwise && { own: true }) },
    b: { step },
    out: { row: 4 * spec.window.filters },
    runs:
      lines.count > 1 ? [{ count: lines.count, a: down.sourceStep * line, b: across.outputs * step }] : [],
    ...(images > 1 && { parts: { count: images, a: imageStep, b: pixels * step } }),
    adds: true,
  }
  // The first images' sums are added to 0.
  f.i32(machine.tiles.functionOf({ ...run, adds: 'zero' })).i32(machine.tiles.functionOf(run))
  f.get(at.first).op('i32.eqz', 'select')
  f.get(at.a).get(at.b).get(at.out).get(at.count).call(machine.call)
}
