// The gradient of a convolution to its kernel: for every tap and pair of channels, a sum over all pixels. A tile holds
// a few rows of the kernel by a panel of filters while it runs over one image; images add up in order.

import type { Arithmetic } from '../../plan/arithmetic.ts'
import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import { at, forwardTaps } from '../../plan/window.ts'
import type { Window } from '../../plan/window.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { all, boundSteps, eachPiece, setLinear, share } from '../emit/partition.ts'
import type { Partition, Range } from '../emit/partition.ts'
import {
  advance,
  clearTile,
  depthLoop,
  eachVector,
  splitColumns,
  splitRows,
  stepTile,
  storeLanes,
  tileRegisters,
  vectorsOf,
  WIDEST_PANEL,
} from '../emit/tile.ts'
import type { Tile } from '../emit/tile.ts'
import { imageOf } from './convolution.ts'
import { clearImage, copyImage, imageBytes, isPadded, rowBytes } from './image.ts'
import { packColumns } from './pack.ts'

/** Byte offsets of f32 buffers, and how to compute; the output may not share the memory of x or dy. */
export type KernelGradientSpec = {
  readonly window: Window
  readonly x: number
  readonly dy: number
  readonly output: number
  readonly arithmetic: Arithmetic
  /** Address of `kernelGradientScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
}

function sourceOf({ window, x }: Pick<KernelGradientSpec, 'window' | 'x'>) {
  return imageOf(x, window.input, window.channels, [forwardTaps(window, 1)])
}

function pixelsOf({ output }: Window): number {
  return at(output, 0) * at(output, 1)
}

function isDepthwise({ groups, channels, filters }: Window): boolean {
  return groups > 1 && groups === channels && groups === filters
}

function packedBytes(window: Window): number {
  return isDepthwise(window) ? 0 : (pixelsOf(window) * WIDEST_PANEL * 4 + 63) & ~63
}

/** Bytes of scratch memory that each thread needs. */
export function kernelGradientScratch(window: Window): number {
  const source = sourceOf({ window, x: 0 })
  return packedBytes(window) + (isPadded(source) ? imageBytes(source) : 0)
}

export function emitKernelGradient(
  f: FunctionBuilder,
  spec: KernelGradientSpec,
  partition?: Partition,
): void {
  const { window } = spec
  const { batch, channels, filters } = window
  const source = sourceOf(spec)
  const padded = isPadded(source)
  const depthwise = isDepthwise(window)
  const groups = depthwise ? 1 : window.groups
  const [depth, width] = [channels / window.groups, filters / window.groups]
  const [height, across] = [forwardTaps(window, 0), forwardTaps(window, 1)]
  const registers = tileRegisters(f)
  const integer = (): Local => f.local('i32')
  const [image, group, column, tapY, tapX, row] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ]
  const [scratch, base, u, counter] = [integer(), integer(), integer(), integer()]
  const lines = { from: integer(), to: integer() }
  const [a, b, target] = [integer(), integer(), integer()]
  const pixelBytes = 4 * channels
  const panels: Pieces = depthwise ? splitWithRest(channels, 4) : splitColumns(width)
  // Rows of a tile: the horizontal taps of a depthwise kernel, else source channels, of all neighbouring taps at once.
  const joined = !depthwise && groups === 1 && across.tapStep === 1
  const runs = depthwise || joined ? 1 : across.taps.length
  const rows = depthwise ? across.taps.length : joined ? across.taps.length * depth : depth
  const rowStep = depthwise ? across.tapStep * pixelBytes : 4

  const byPanel = pieceCount(panels) >= 4
  const range = (split: Pieces, divided: boolean): Range =>
    divided ? share(f, pieceCount(split), partition) : all(split)
  const myPanels = range(panels, byPanel)

  const perThread = kernelGradientScratch(window)
  setLinear(f, scratch, spec.scratch, partition === undefined ? [] : [[partition.thread, perThread]])
  if (padded) {
    setLinear(f, base, packedBytes(window), [[scratch, 1]])
    clearImage(f, source, base)
  }
  f.for(image, 0, batch, 1, () => {
    if (padded) copyImage(f, source, image, base)
    else setLinear(f, base, source.address, [[image, source.height * rowBytes(source)]])
    f.for(group, 0, groups, 1, () => {
      eachPiece(f, panels, myPanels, column, (columns) => {
        if (!depthwise) pack(columns)
        const tiles = splitRows(rows, columns)
        const mine = range(tiles, !byPanel)
        f.for(tapY, 0, height.taps.length, 1, () => {
          const { first, sourceStep, outputs, tapStep } = height
          const inside = { step: sourceStep, count: outputs, length: source.height }
          boundSteps(f, lines, [first, [[tapY, tapStep]]], inside)
          f.for(tapX, 0, runs, 1, () => {
            eachPiece(f, tiles, mine, row, (size) => {
              sumImage({ rows: size, columns })
            })
          })
        })
      })
    })
  })

  /** Sets b to the first pixel of dy in this image and panel. */
  function locatePanel(): void {
    setLinear(f, b, spec.dy, [
      [image, 4 * filters * pixelsOf(window)],
      [group, 4 * width],
      [column, 4],
    ])
  }

  function pack(columns: number): void {
    locatePanel()
    packColumns(f, b, scratch, pixelsOf(window), filters, columns)
  }

  function sumImage(tile: Tile): void {
    const left = across.first + source.padding[0]
    setLinear(f, a, height.first * rowBytes(source) + left * pixelBytes, [
      [base, 1],
      [lines.from, height.sourceStep * rowBytes(source)],
      [tapY, height.tapStep * rowBytes(source)],
      [tapX, across.tapStep * pixelBytes],
      [row, rowStep],
      [group, 4 * depth],
      [column, depthwise ? 4 : 0],
    ])
    const [aStep, bStep] = [across.sourceStep * pixelBytes, depthwise ? pixelBytes : 16 * vectorsOf(tile)]
    if (depthwise) locatePanel()
    else f.get(scratch).set(b)
    setLinear(f, b, 0, [
      [b, 1],
      [lines.from, across.outputs * bStep],
    ])
    const cursors = [
      { local: a, step: aStep },
      { local: b, step: bStep },
    ]
    clearTile(f, registers, tile)
    f.for(u, { local: lines.from }, { local: lines.to }, 1, () => {
      depthLoop(f, tile, across.outputs, cursors, counter, (k) => {
        stepTile(
          f,
          registers,
          tile,
          spec.arithmetic,
          (r) => f.get(a).memory(depthwise ? 'v128.load' : 'v128.load32_splat', r * rowStep + k * aStep),
          (vector) => f.get(b).memory('v128.load', k * bStep + 16 * vector),
        )
      })
      advance(f, a, height.sourceStep * rowBytes(source) - across.outputs * aStep)
    })
    addToOutput(tile)
  }

  /** Adds the sums of this image to those of the images before it. */
  function addToOutput(tile: Tile): void {
    setLinear(f, target, 0, [
      [tapY, 4 * filters * across.taps.length * depth],
      [tapX, 4 * filters * depth],
      [row, 4 * filters],
      [group, 4 * width],
      [column, 4],
    ])
    eachVector(registers, tile, (sum, r, c, lanes) => {
      const bytes = spec.output + 4 * (r * filters + c)
      f.get(target).memory('v128.load', bytes).f32x4(0).get(image).op('select')
      f.get(sum).op('f32x4.add').set(sum)
      storeLanes(f, sum, lanes, target, bytes)
    })
  }
}
