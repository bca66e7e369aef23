// A 3x3 convolution and its input gradient in Winograd's domain. Each thread takes blocks of images; the results of a
// panel of channels go back as soon as their products are there.

import { lengthAt } from '../../../plan/window.ts'
import { INPUT, INPUTS, KERNEL, OUTPUT, OUTPUTS, tilingOf } from '../../../plan/winograd.ts'
import type { FunctionBuilder, Integer, Vector } from '../../assembler/function-builder.ts'
import { advance, clearBytes, pushAtMost, setLinear } from '../../emit/integers.ts'
import { share } from '../../emit/partition.ts'
import type { Partition } from '../../emit/partition.ts'
import { positionOf, storeResult } from '../../emit/tile.ts'
import type { ConvolutionSpec } from '../convolution.ts'
import { eachTile, emitProducts, emitSource, locateVector, openBlock, squareAt } from './block.ts'
import {
  inputSource,
  layoutBytes,
  outputSource,
  panelLayout,
  panelWidth,
  rowLayout,
  sourceBytes,
} from './block.ts'
import { collect, emitTransform, spread, storeSquare, TEMPORARY_BYTES } from './transform.ts'

/** `result` y: the convolution; x: its input gradient. */
export type WinogradSpec = ConvolutionSpec & { readonly result: 'y' | 'x' }

/** Pixels from a panel's sums of overlapping tiles, where results are such sums, to the result. */
type Overlap = Readonly<Record<'above' | 'left' | 'height' | 'width', number>>

function planOf({ window, source: address, result, machine }: WinogradSpec) {
  const { channels, filters, input, output, padding } = window
  const tiling = tilingOf(window)
  const forward = result === 'y'
  const [depth, columns] = forward ? [channels, filters] : [filters, channels]
  const source = (forward ? inputSource : outputSource)(window, tiling, address)
  const width = panelWidth(columns, depth, machine)
  const kernelLayout = panelLayout(depth, width)
  const sourceLayout = rowLayout(tiling.tiles, depth)
  const productLayout = panelLayout(tiling.tiles, width)
  const overlap: Overlap | undefined = forward
    ? undefined
    : {
        above: padding[0]?.[0] ?? 0,
        left: padding[1]?.[0] ?? 0,
        height: tiling.down * OUTPUTS + INPUTS - OUTPUTS,
        width: tiling.across * OUTPUTS + INPUTS - OUTPUTS,
      }
  const padded = (TEMPORARY_BYTES + 63) & ~63
  const kernel = padded + sourceBytes(source)
  const transformed = kernel + layoutBytes(kernelLayout, columns)
  const products = transformed + layoutBytes(sourceLayout, depth)
  const sums = products + layoutBytes(productLayout, width)
  const sumBytes = overlap === undefined ? 0 : 4 * width * overlap.height * overlap.width
  const end = (sums + sumBytes + 63) & ~63
  return {
    tiling,
    source,
    /** Channels of the source and of the result. */
    depth,
    columns,
    /** Columns of a panel. */
    panelColumns: width,
    height: lengthAt(forward ? output : input, 0),
    width: lengthAt(forward ? output : input, 1),
    overlap,
    kernelLayout,
    sourceLayout,
    productLayout,
    /** Byte offsets of the parts of a thread's scratch memory, and of its end. */
    offsets: { padded, kernel, transformed, products, sums, end },
  }
}

/** Bytes of scratch memory that each thread needs. */
export function winogradScratch(spec: WinogradSpec): number {
  return planOf(spec).offsets.end
}

export function emitWinograd(f: FunctionBuilder, spec: WinogradSpec, partition?: Partition): void {
  const kernel = kernelOf(f, spec, partition)
  const { tiling, source, columns, sourceLayout, block, at } = kernel
  clearBytes(f, at.padded, sourceBytes(source))
  transformKernel(kernel)
  const mine = share(f, spec.window.batch / tiling.images, partition)
  f.for(at.index, mine.from, mine.to, 1, () => {
    setLinear(f, at.first, 0, [at.index, tiling.images])
    const { first, padded, transformed: target } = at
    emitSource(block, { source, first, padded, target, layout: sourceLayout })
    f.for(at.panel, 0, columns / kernel.panelColumns, 1, () => {
      multiplyPanel(kernel)
      storePanel(kernel)
    })
  })
}

/** The function being written, what it computes, and its locals. */
type WinogradKernel = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: WinogradSpec, partition: Partition | undefined) {
  const plan = planOf(spec)
  const { offsets, tiling } = plan
  const at = {
    ...f.integers('scratch', 'padded', 'transformed', 'kernel', 'products', 'sums'),
    ...f.integers('index', 'first', 'panel', 'panelKernel', 'from', 'to', 'vector', 'rows'),
    ...f.integers('element', 'row', 'column', 'y', 'x'),
  }
  const block = openBlock(f, tiling, at.scratch, spec, offsets.end, partition)
  for (const part of ['padded', 'kernel', 'transformed', 'products', 'sums'] as const)
    setLinear(f, at[part], offsets[part], [at.scratch, 1])
  return { ...plan, f, spec, block, at }
}

function transformKernel({ f, spec, depth, columns, kernelLayout, block, at }: WinogradKernel): void {
  const { bench } = block
  const { channels, filters, size } = spec.window
  const cell = 4 * channels * filters
  const [channelBytes, columnBytes] = spec.result === 'y' ? [4 * filters, 4] : [4, 4 * filters]
  const square = { address: at.from, row: lengthAt(size, 1) * cell, column: cell }
  const load = (address: Integer, bytes: number): void => {
    if (columnBytes === 4) f.get(address).memory('v128.load', bytes)
    else gather(f, bench.halves[0], address, bytes, columnBytes)
  }
  f.for(at.row, 0, depth, 1, () => {
    f.for(at.vector, 0, columns / 4, 1, () => {
      setLinear(f, at.from, spec.kernel, [at.row, channelBytes], [at.vector, 4 * columnBytes])
      locateVector(f, at.to, at.kernel, kernelLayout, at.row, at.vector)
      const sink = storeSquare(f, squareAt(at.to, kernelLayout))
      emitTransform(f, bench, spread(KERNEL), square, sink, load)
    })
  })
}

/** The products of all tiles of the block for a panel of the result. */
function multiplyPanel({ f, tiling, depth, block, at, ...plan }: WinogradKernel): void {
  const { panelColumns, kernelLayout, sourceLayout, productLayout } = plan
  setLinear(f, at.panelKernel, 0, [at.kernel, 1], [at.panel, kernelLayout.panel])
  emitProducts(block, {
    rows: tiling.tiles,
    width: panelColumns,
    depth,
    a: { address: at.transformed, matrix: sourceLayout.matrix, row: sourceLayout.row, step: 4 },
    b: { address: at.panelKernel, matrix: kernelLayout.matrix },
    target: { address: at.products, matrix: productLayout.matrix },
    accumulate: false,
  })
}

/** Transforms the products of a panel to results. */
function storePanel(kernel: WinogradKernel): void {
  const { f, overlap, productLayout, offsets, block, at } = kernel
  // `from` is at the products of the tile, for one of the vectors of the panel.
  const eachVector = (visit: () => void): void => {
    f.for(at.vector, 0, kernel.panelColumns / 4, 1, () => {
      locateVector(f, at.from, at.products, productLayout, block.walk.tile, at.vector)
      visit()
    })
  }
  if (overlap === undefined) {
    eachTile(block, () => eachVector(() => storeTile(kernel)))
    return
  }
  const clearSums = (): void => clearBytes(f, at.sums, offsets.end - offsets.sums)
  const add = (): void => eachVector(() => addTile(kernel, overlap))
  eachTile(block, add, clearSums, () => storeSums(kernel, overlap))
}

/** Sets the places of the result's pixel (y, x) of the image: the locals `element`, `row` and `column`. */
function locateResult(kernel: WinogradKernel): void {
  const { f, height, width, columns, panelColumns, block, at } = kernel
  const { walk } = block
  const rowTerms = [
    [at.first, 4 * height * width],
    [walk.image, 4 * height * width],
    [at.y, 4 * width],
    [at.x, 4],
  ] as const
  setLinear(f, at.row, 0, ...rowTerms)
  setLinear(f, at.column, 0, [at.panel, 4 * panelColumns], [at.vector, 16])
  setLinear(f, at.element, 0, [at.row, columns], [at.column, 1])
}

/** Stores a vector of results, `pixels` to the right of where the locals stand. */
function storePixel({ f, spec, columns, at }: WinogradKernel, value: Vector, pixels: number): void {
  const position = {
    element: { local: at.element, bytes: 4 * pixels * columns },
    row: { local: at.row, bytes: 4 * pixels },
    column: positionOf(at.column),
    lanes: 4,
  }
  storeResult(f, value, position, spec.output, spec.epilogue)
}

function storeTile(kernel: WinogradKernel): void {
  const { f, height, width, columns, productLayout, block, at } = kernel
  const { bench, walk } = block
  setLinear(f, at.y, 0, [walk.down, OUTPUTS])
  setLinear(f, at.x, 0, [walk.across, OUTPUTS])
  locateResult(kernel)
  // Tiles at the lower and right edges run over them.
  setLinear(f, at.rows, height, [at.y, -1])
  pushAtMost(f, at.rows, OUTPUTS).set(at.rows)
  const inside = width % OUTPUTS === 0 ? OUTPUTS : width % OUTPUTS
  emitTransform(f, bench, collect(OUTPUT), squareAt(at.from, productLayout), {
    rows: at.rows,
    store(pixels, value) {
      if (pixels < inside) return storePixel(kernel, value, pixels)
      f.get(at.x)
        .i32(width - pixels)
        .op('i32.lt_s')
      f.if(() => storePixel(kernel, value, pixels))
    },
    nextRow() {
      advance(f, at.row, 4 * width)
      advance(f, at.element, 4 * width * columns)
    },
  })
}

/** Adds a tile to the sums of its image's panel. */
function addTile(kernel: WinogradKernel, overlap: Overlap): void {
  const { f, panelColumns, productLayout, block, at } = kernel
  const { bench, walk } = block
  const pixel = 4 * panelColumns
  const line = pixel * overlap.width
  const toTerms = [
    [at.sums, 1],
    [walk.down, OUTPUTS * line],
    [walk.across, OUTPUTS * pixel],
    [at.vector, 16],
  ] as const
  setLinear(f, at.to, 0, ...toTerms)
  emitTransform(f, bench, collect(INPUT), squareAt(at.from, productLayout), {
    store(pixels, value) {
      const bytes = pixels * pixel
      f.get(at.to).get(at.to).memory('v128.load', bytes)
      f.get(value).op('f32x4.add').memory('v128.store', bytes)
    },
    nextRow() {
      advance(f, at.to, line)
    },
  })
}

/** Stores the sums of an image's panel, except those that lie in its padding. */
function storeSums(kernel: WinogradKernel, overlap: Overlap): void {
  const { f, height, width, panelColumns, block, at } = kernel
  const pixel = 4 * panelColumns
  const [value] = block.bench.to
  f.for(at.y, 0, height, 1, () => {
    f.for(at.x, 0, width, 1, () => {
      f.for(at.vector, 0, panelColumns / 4, 1, () => {
        const fromTerms = [
          [at.sums, 1],
          [at.y, pixel * overlap.width],
          [at.x, pixel],
          [at.vector, 16],
        ] as const
        setLinear(f, at.from, pixel * (overlap.above * overlap.width + overlap.left), ...fromTerms)
        locateResult(kernel)
        f.get(at.from).memory('v128.load').set(value)
        storePixel(kernel, value, 0)
      })
    })
  })
}

/** Pushes four numbers that lie `step` bytes apart. */
function gather(f: FunctionBuilder, value: Vector, address: Integer, bytes: number, step: number): void {
  f.get(address).memory('v128.load32_zero', bytes).set(value)
  for (let lane = 1; lane < 4; lane++) {
    f.get(address)
      .get(value)
      .memoryLane('v128.load32_lane', lane, bytes + lane * step)
      .set(value)
  }
  f.get(value)
}
