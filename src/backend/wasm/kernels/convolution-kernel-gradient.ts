// The gradient of a convolution to its kernel: for every tap and pair of channels, a sum over all pixels. A tile holds
// a few rows of the kernel by a panel of filters while it runs over one image; images add up in order.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import { forwardTaps, isDepthwise, lengthAt } from '../../plan/window.ts'
import type { ConvolutionWindow } from '../../plan/window.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { advance, boundSteps, setLinear } from '../emit/integers.ts'
import { storeLanes } from '../emit/lanes.ts'
import { all, eachPiece, locateScratch, share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import { clearTile, eachVector, multiplyTile, splitColumns, splitRows, tileRegisters } from '../emit/tile.ts'
import { vectorsOf, WIDEST_PANEL } from '../emit/tile.ts'
import type { Tile } from '../emit/tile.ts'
import { imageOf } from './convolution.ts'
import { openImage, paddedBytes, preparePadding, rowBytes } from './image.ts'
import type { ImportedMachine } from './machine.ts'
import { packColumns } from './pack.ts'

/** Byte offsets of f32 buffers, and how to compute; the output may not share the memory of x or dy. */
export type KernelGradientSpec = {
  readonly window: ConvolutionWindow
  readonly x: number
  readonly dy: number
  readonly output: number
  readonly arithmetic: Arithmetic
  readonly machine?: ImportedMachine | undefined
  /** Address of `kernelGradientScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
}

function sourceOf({ window, x }: Pick<KernelGradientSpec, 'window' | 'x'>) {
  return imageOf(x, window.input, window.channels, [forwardTaps(window, 1)])
}

/** Pixels of an image of dy. */
export function pixelsOf({ output }: ConvolutionWindow): number {
  return lengthAt(output, 0) * lengthAt(output, 1)
}

function packedBytes(window: ConvolutionWindow): number {
  return isDepthwise(window) ? 0 : (pixelsOf(window) * WIDEST_PANEL * 4 + 63) & ~63
}

/** Bytes of scratch memory that each thread needs. */
export function kernelGradientScratch(window: ConvolutionWindow): number {
  return packedBytes(window) + paddedBytes(sourceOf({ window, x: 0 }))
}

export function emitKernelGradient(
  f: FunctionBuilder,
  spec: KernelGradientSpec,
  partition?: Partition,
): void {
  const kernel = kernelOf(f, spec)
  const { window } = spec
  const { source, groups, panels, rows, at } = kernel
  // Threads share the panels of filters, or where those are few the rows of each.
  const byPanel = pieceCount(panels) >= 4
  const range = (pieces: Pieces, divided: boolean): PieceRange =>
    divided ? share(f, pieceCount(pieces), partition) : all(pieces)
  const myPanels = range(panels, byPanel)
  locateScratch(f, at.scratch, spec.scratch, kernelGradientScratch(window), partition)
  preparePadding(f, source, at.base, at.scratch, packedBytes(window))
  f.for(at.image, 0, window.batch, 1, () => {
    openImage(f, source, at.image, at.base)
    f.for(at.group, 0, groups, 1, () => {
      eachPiece(f, panels, myPanels, at.column, (columns) => {
        if (!kernel.depthwise) packPanel(kernel, columns)
        const tiles = splitRows(rows, columns)
        sumPanel(kernel, columns, tiles, range(tiles, !byPanel))
      })
    })
  })
}

/** The function being written, what it computes, and its locals. */
type GradientKernel = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: KernelGradientSpec) {
  const geometry = geometryOf(spec)
  const { depthwise, width } = geometry
  return {
    f,
    spec,
    ...geometry,
    panels: depthwise ? splitWithRest(width, 4) : splitColumns(width),
    registers: tileRegisters(f),
    at: {
      ...f.integers('image', 'group', 'column', 'tapY', 'tapX', 'row', 'scratch', 'base', 'u', 'counter'),
      ...f.integers('firstLine', 'pastLines', 'a', 'b', 'target'),
    },
  }
}

/** Rows of the kernel as rows of tiles, and what they read. */
export function geometryOf(spec: Pick<KernelGradientSpec, 'window' | 'x'>) {
  const { window } = spec
  const { channels, filters, groups } = window
  const [depth, width] = [channels / groups, filters / groups]
  const [down, across] = [forwardTaps(window, 0), forwardTaps(window, 1)]
  const pixelBytes = 4 * channels
  const taps = across.taps.length
  const depthwise = isDepthwise(window)
  const common = { source: sourceOf(spec), depthwise, depth, down, across, pixelBytes }
  // Rows of a tile: the horizontal taps of a depthwise kernel, whose columns are all channels.
  if (depthwise)
    return {
      ...common,
      groups: 1,
      width: channels,
      runs: 1,
      rows: taps,
      /** Bytes from one row to the next. */
      rowStep: across.tapStep * pixelBytes,
    }
  // Else source channels, of all neighbouring taps at once.
  const joined = groups === 1 && across.tapStep === 1
  const [runs, rows] = joined ? [1, taps * depth] : [taps, depth]
  return { ...common, groups, width, runs, rows, rowStep: 4 }
}

/** Sets b to the first pixel of dy in this image and panel. */
function locatePanel({ f, spec: { dy, window }, width, at }: GradientKernel): void {
  const bTerms = [
    [at.image, 4 * window.filters * pixelsOf(window)],
    [at.group, 4 * width],
    [at.column, 4],
  ] as const
  setLinear(f, at.b, dy, ...bTerms)
}

function packPanel(kernel: GradientKernel, columns: number): void {
  const { f, spec, at } = kernel
  const { window } = spec
  locatePanel(kernel)
  const panel = { source: at.b, target: at.scratch, depth: pixelsOf(window), stride: window.filters, columns }
  packColumns(f, panel)
}

/** Adds what one image gives to all taps of a panel. */
function sumPanel(kernel: GradientKernel, columns: number, tiles: Pieces, mine: PieceRange): void {
  const { f, source, down, runs, at } = kernel
  const inside = { step: down.sourceStep, count: down.outputs, length: source.height }
  f.for(at.tapY, 0, down.taps.length, 1, () => {
    boundSteps(f, { from: at.firstLine, to: at.pastLines }, [down.first, [[at.tapY, down.tapStep]]], inside)
    f.for(at.tapX, 0, runs, 1, () => {
      eachPiece(f, tiles, mine, at.row, (rows) => {
        sumTile(kernel, { rows, columns })
        addToOutput(kernel, { rows, columns })
      })
    })
  })
}

function sumTile(kernel: GradientKernel, tile: Tile): void {
  const { f, spec, source, depthwise, depth, down, across, rowStep, pixelBytes, registers, at } = kernel
  const line = rowBytes(source)
  const left = across.first + source.padding[0]
  const aTerms = [
    [at.base, 1],
    [at.firstLine, down.sourceStep * line],
    [at.tapY, down.tapStep * line],
    [at.tapX, across.tapStep * pixelBytes],
    [at.row, rowStep],
    [at.group, 4 * depth],
    [at.column, depthwise ? 4 : 0],
  ] as const
  setLinear(f, at.a, down.first * line + left * pixelBytes, ...aTerms)
  const [aStep, bStep] = [across.sourceStep * pixelBytes, depthwise ? pixelBytes : 16 * vectorsOf(tile)]
  if (depthwise) locatePanel(kernel)
  else f.get(at.scratch).set(at.b)
  setLinear(f, at.b, 0, [at.b, 1], [at.firstLine, across.outputs * bStep])
  clearTile(f, registers, tile)
  f.for(at.u, at.firstLine, at.pastLines, 1, () => {
    multiplyTile(f, registers, tile, {
      depth: across.outputs,
      counter: at.counter,
      arithmetic: spec.arithmetic,
      a: { local: at.a, row: rowStep, step: aStep, vectors: depthwise },
      b: { local: at.b, step: bStep },
    })
    advance(f, at.a, down.sourceStep * line - across.outputs * aStep)
  })
}

/** Adds the sums of this image to those of the images before it. */
function addToOutput({ f, spec, depth, width, across, registers, at }: GradientKernel, tile: Tile): void {
  const { filters } = spec.window
  const targetTerms = [
    [at.tapY, 4 * filters * across.taps.length * depth],
    [at.tapX, 4 * filters * depth],
    [at.row, 4 * filters],
    [at.group, 4 * width],
    [at.column, 4],
  ] as const
  setLinear(f, at.target, 0, ...targetTerms)
  eachVector(registers, tile, (sum, r, c, lanes) => {
    const bytes = spec.output + 4 * (r * filters + c)
    f.get(at.target).memory('v128.load', bytes).f32x4(0).get(at.image).op('select')
    f.get(sum).op('f32x4.add').set(sum)
    storeLanes(f, sum, lanes, at.target, bytes)
  })
}
