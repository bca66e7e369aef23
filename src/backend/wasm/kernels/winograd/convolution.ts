// A 3x3 convolution and its input gradient in Winograd's domain. Each thread takes blocks of images; the results of a
// panel of channels go back as soon as their products are there.

import { at } from '../../../plan/window.ts'
import { tilingOf, INPUT, INPUTS, KERNEL, OUTPUT, OUTPUTS, PRODUCTS } from '../../../plan/winograd.ts'
import type { Tiling } from '../../../plan/winograd.ts'
import type { FunctionBuilder, Local } from '../../assembler/assembler.ts'
import { setLinear, share } from '../../emit/partition.ts'
import type { Partition } from '../../emit/partition.ts'
import { advance, tileRegisters, PANEL } from '../../emit/tile.ts'
import type { ConvolutionSpec } from '../convolution.ts'
import {
  clearSource,
  eachTile,
  emitProducts,
  emitSource,
  inputSource,
  layoutBytes,
  locateVector,
  outputSource,
  panelLayout,
  rowLayout,
  sourceBytes,
  walk,
} from './block.ts'
import type { Layout, Source } from './block.ts'
import { collect, emitTransform, spread, storeSquare, TEMPORARY_BYTES, workbench } from './transform.ts'
import type { Workbench } from './transform.ts'

/** `result` y: the convolution; x: its input gradient. */
export type WinogradSpec = ConvolutionSpec & { readonly result: 'y' | 'x' }

type Plan = {
  readonly tiling: Tiling
  readonly source: Source
  /** Channels of the source and of the result. */
  readonly depth: number
  readonly columns: number
  readonly height: number
  readonly width: number
  /** Pixels from a panel's sums of overlapping tiles, where results are such sums, to the result. */
  readonly overlap:
    | { readonly above: number; readonly left: number; readonly height: number; readonly width: number }
    | undefined
  readonly kernelLayout: Layout
  readonly sourceLayout: Layout
  readonly productLayout: Layout
  /** Byte offsets of the parts of a thread's scratch memory, and of its end. */
  readonly offsets: {
    readonly padded: number
    readonly kernel: number
    readonly source: number
    readonly products: number
    readonly sums: number
    readonly end: number
  }
}

function planOf({ window, source: address, result }: WinogradSpec): Plan {
  const { channels, filters, input, output, padding } = window
  const tiling = tilingOf(window)
  const forward = result === 'y'
  const [depth, columns] = forward ? [channels, filters] : [filters, channels]
  const [height, width] = [0, 1].map((axis) => at(forward ? output : input, axis))
  const source = (forward ? inputSource : outputSource)(window, tiling, address)
  const kernelLayout = panelLayout(depth)
  const sourceLayout = rowLayout(tiling.tiles, depth)
  const productLayout = panelLayout(tiling.tiles)
  const overlap = forward
    ? undefined
    : {
        above: padding[0]?.[0] ?? 0,
        left: padding[1]?.[0] ?? 0,
        height: tiling.down * OUTPUTS + INPUTS - OUTPUTS,
        width: tiling.across * OUTPUTS + INPUTS - OUTPUTS,
      }
  const padded = (TEMPORARY_BYTES + 63) & ~63
  const kernel = padded + sourceBytes(source)
  const domain = kernel + layoutBytes(kernelLayout, columns)
  const products = domain + layoutBytes(sourceLayout, depth)
  const sums = products + layoutBytes(productLayout, PANEL)
  const sumBytes = overlap === undefined ? 0 : 4 * PANEL * overlap.height * overlap.width
  const end = (sums + sumBytes + 63) & ~63
  return {
    tiling,
    source,
    depth,
    columns,
    height: height ?? 1,
    width: width ?? 1,
    overlap,
    kernelLayout,
    sourceLayout,
    productLayout,
    offsets: { padded, kernel, source: domain, products, sums, end },
  }
}

/** Bytes of scratch memory that each thread needs. */
export function winogradScratch(spec: WinogradSpec): number {
  return planOf(spec).offsets.end
}

export function emitWinograd(f: FunctionBuilder, spec: WinogradSpec, partition?: Partition): void {
  const plan = planOf(spec)
  const { tiling, source, depth, columns, height, width, overlap, offsets } = plan
  const { kernelLayout, sourceLayout, productLayout } = plan
  const { window, arithmetic, epilogue } = spec
  const integer = (): Local => f.local('i32')
  const [scratch, padded, transformed, kernel, products, sums] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ]
  const [block, first, panel, half, panelKernel] = [integer(), integer(), integer(), integer(), integer()]
  const [from, to, vector, rows] = [integer(), integer(), integer(), integer()]
  const [element, row, column, y, x] = [integer(), integer(), integer(), integer(), integer()]
  const bench = workbench(f, arithmetic, scratch)
  const registers = tileRegisters(f)
  const walking = walk(f)

  setLinear(f, scratch, spec.scratch, partition === undefined ? [] : [[partition.thread, offsets.end]])
  setLinear(f, padded, offsets.padded, [[scratch, 1]])
  setLinear(f, kernel, offsets.kernel, [[scratch, 1]])
  setLinear(f, transformed, offsets.source, [[scratch, 1]])
  setLinear(f, products, offsets.products, [[scratch, 1]])
  setLinear(f, sums, offsets.sums, [[scratch, 1]])
  clearSource(f, source, padded)
  transformKernel()
  const mine = share(f, window.batch / tiling.images, partition)
  f.for(block, mine.from, mine.to, 1, () => {
    setLinear(f, first, 0, [[block, tiling.images]])
    emitSource(f, bench, walking, tiling, {
      source,
      first,
      padded,
      target: transformed,
      layout: sourceLayout,
    })
    f.for(panel, 0, columns / PANEL, 1, () => {
      setLinear(f, panelKernel, 0, [
        [kernel, 1],
        [panel, kernelLayout.panel],
      ])
      emitProducts(f, registers, {
        rows: tiling.tiles,
        depth,
        a: { address: transformed, matrix: sourceLayout.matrix, row: sourceLayout.row, step: 4 },
        b: { address: panelKernel, matrix: kernelLayout.matrix },
        target: { address: products, matrix: productLayout.matrix },
        accumulate: false,
        arithmetic,
      })
      if (overlap === undefined) eachTile(f, walking, tiling, () => eachHalf(storeTile))
      else eachTile(f, walking, tiling, () => eachHalf(addTile), clearSums, storeSums)
    })
  })

  function transformKernel(): void {
    const { filters } = window
    const cell = 4 * window.channels * filters
    const [channelBytes, columnBytes] = spec.result === 'y' ? [4 * filters, 4] : [4, 4 * filters]
    const square = { address: from, row: at(window.size, 1) * cell, column: cell }
    f.for(row, 0, depth, 1, () => {
      f.for(vector, 0, columns / 4, 1, () => {
        setLinear(f, from, spec.kernel, [
          [row, channelBytes],
          [vector, 4 * columnBytes],
        ])
        locateVector(f, to, kernel, kernelLayout, row, vector)
        const sink = storeSquare(f, {
          address: to,
          row: PRODUCTS * kernelLayout.matrix,
          column: kernelLayout.matrix,
        })
        emitTransform(f, bench, spread(KERNEL), square, sink, (address, bytes) => {
          if (columnBytes === 4) f.get(address).memory('v128.load', bytes)
          else gather(f, bench, address, bytes, columnBytes)
        })
      })
    })
  }

  /** Calls `visit` for both vectors of a panel, with `from` at its products of the tile. */
  function eachHalf(visit: () => void): void {
    f.for(half, 0, 2, 1, () => {
      locateVector(f, from, products, productLayout, walking.tile, half)
      visit()
    })
  }

  function productSquare() {
    return { address: from, row: PRODUCTS * productLayout.matrix, column: productLayout.matrix }
  }

  /** Sets the places of the result's pixel (y, x) of the image: the locals `element`, `row` and `column`. */
  function locateResult(): void {
    setLinear(f, row, 0, [
      [first, 4 * height * width],
      [walking.image, 4 * height * width],
      [y, 4 * width],
      [x, 4],
    ])
    setLinear(f, column, 0, [
      [panel, 4 * PANEL],
      [half, 16],
    ])
    setLinear(f, element, 0, [
      [row, columns],
      [column, 1],
    ])
  }

  /** Stores a vector of results, `pixels` to the right of where the locals stand. */
  function storeResult(value: Local, pixels: number): void {
    if (epilogue !== undefined) {
      epilogue(f, value, {
        element: { local: element, bytes: 4 * pixels * columns },
        row: { local: row, bytes: 4 * pixels },
        column: { local: column, bytes: 0 },
        lanes: 4,
      })
      f.set(value)
    }
    f.get(element)
      .get(value)
      .memory('v128.store', spec.output + 4 * pixels * columns)
  }

  function storeTile(): void {
    setLinear(f, y, 0, [[walking.down, OUTPUTS]])
    setLinear(f, x, 0, [[walking.across, OUTPUTS]])
    locateResult()
    // Tiles at the lower and right edges run over them.
    setLinear(f, rows, height, [[y, -1]])
    f.get(rows).i32(OUTPUTS).get(rows).i32(OUTPUTS).op('i32.lt_s', 'select').set(rows)
    const inside = width % OUTPUTS === 0 ? OUTPUTS : width % OUTPUTS
    emitTransform(f, bench, collect(OUTPUT), productSquare(), {
      rows: { local: rows },
      store(pixels, value) {
        if (pixels < inside) return storeResult(value, pixels)
        f.get(x)
          .i32(width - pixels)
          .op('i32.lt_s')
        f.if(() => storeResult(value, pixels))
      },
      nextRow() {
        advance(f, row, 4 * width)
        advance(f, element, 4 * width * columns)
      },
    })
  }

  function clearSums(): void {
    f.get(sums)
      .i32(0)
      .i32(offsets.end - offsets.sums)
      .memoryFill()
  }

  function addTile(): void {
    const pixel = 4 * PANEL
    const line = pixel * (overlap?.width ?? 0)
    setLinear(f, to, 0, [
      [sums, 1],
      [walking.down, OUTPUTS * line],
      [walking.across, OUTPUTS * pixel],
      [half, 16],
    ])
    emitTransform(f, bench, collect(INPUT), productSquare(), {
      store(pixels, value) {
        const bytes = pixels * pixel
        f.get(to).get(to).memory('v128.load', bytes).get(value).op('f32x4.add').memory('v128.store', bytes)
      },
      nextRow() {
        advance(f, to, line)
      },
    })
  }

  /** Stores the sums of an image's panel, but for those that lie in its padding. */
  function storeSums(): void {
    if (overlap === undefined) return
    const [value = 0] = bench.to
    f.for(y, 0, height, 1, () => {
      f.for(x, 0, width, 1, () => {
        f.for(half, 0, 2, 1, () => {
          setLinear(f, from, 4 * PANEL * (overlap.above * overlap.width + overlap.left), [
            [sums, 1],
            [y, 4 * PANEL * overlap.width],
            [x, 4 * PANEL],
            [half, 16],
          ])
          locateResult()
          f.get(from).memory('v128.load').set(value)
          storeResult(value, 0)
        })
      })
    })
  }
}

/** Pushes four numbers that lie `step` bytes apart. */
function gather(
  f: FunctionBuilder,
  { halves: [value] }: Workbench,
  address: Local,
  bytes: number,
  step: number,
): void {
  f.get(address).memory('v128.load32_zero', bytes).set(value)
  for (let lane = 1; lane < 4; lane++) {
    f.get(address)
      .get(value)
      .memoryLane('v128.load32_lane', lane, bytes + lane * step)
      .set(value)
  }
  f.get(value)
}
