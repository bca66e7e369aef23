// Blocks of images in Winograd's domain: one matrix [tiles, channels] for each of the 36 products of a tile.

import type { Arithmetic } from '../../../plan/arithmetic.ts'
import type { Window } from '../../../plan/window.ts'
import { INPUT, INPUTS, MATRICES, OUTPUT, OUTPUTS, PRODUCTS } from '../../../plan/winograd.ts'
import type { Tiling } from '../../../plan/winograd.ts'
import type { Bound, FunctionBuilder, Local } from '../../assembler/assembler.ts'
import { all, eachPiece, setLinear } from '../../emit/partition.ts'
import type { Range } from '../../emit/partition.ts'
import { clearTile, depthLoop, eachVector, PANEL, splitRows, stepTile } from '../../emit/tile.ts'
import type { TileRegisters } from '../../emit/tile.ts'
import { copyImage, rowBytes } from '../image.ts'
import type { Image } from '../image.ts'
import { emitTransform, spread, storeSquare } from './transform.ts'
import type { Transform, Workbench } from './transform.ts'

/** Byte distances of a vector of channels in a block's matrices. */
export type Layout = { readonly matrix: number; readonly row: number; readonly panel: number }

/** Rows side by side. An odd number of cache lines from one matrix to the next spreads them over the cache's sets. */
export function rowLayout(rows: number, channels: number): Layout {
  return { matrix: 64 * (Math.ceil((rows * channels) / 16) | 1), row: 4 * channels, panel: 4 * PANEL }
}

/** All matrices of one panel of channels side by side, in the order in which a register tile reads them. */
export function panelLayout(rows: number): Layout {
  const row = 4 * PANEL
  return { matrix: row * rows, row, panel: row * rows * MATRICES }
}

/** Bytes of all matrices. */
export function layoutBytes(layout: Layout, channels: number): number {
  const bytes = Math.max(layout.matrix * MATRICES, (layout.panel * channels) / PANEL)
  return (bytes + 127) & ~63
}

/** The images of a block as tiles read them: with zeros around them. */
export type Source = {
  readonly image: Image
  readonly above: number
  readonly height: number
  readonly transform: Transform
}

/** The images that a convolution reads. */
export function inputSource(
  { input: [height = 1, width = 1], channels, padding }: Window,
  tiling: Tiling,
  address: number,
): Source {
  const [above, left] = [padding[0]?.[0] ?? 0, padding[1]?.[0] ?? 0]
  const wanted = (tiles: number): number => tiles * OUTPUTS + INPUTS - OUTPUTS
  const right = wanted(tiling.across) - left - width
  return {
    image: { address, height, width, channels, padding: [left, Math.max(0, right)] },
    above,
    height: Math.max(wanted(tiling.down), above + height),
    transform: spread(INPUT),
  }
}

/** The gradient of what it makes. */
export function outputSource(
  { output: [height = 1, width = 1], filters }: Window,
  tiling: Tiling,
  address: number,
): Source {
  return {
    image: { address, height, width, channels: filters, padding: [0, tiling.across * OUTPUTS - width] },
    above: 0,
    height: tiling.down * OUTPUTS,
    transform: spread(OUTPUT),
  }
}

/** Bytes of one image with its zeros. */
export function sourceBytes({ image, height }: Source): number {
  return (height * rowBytes(image) + 127) & ~63
}

/** Where an image of a block stands: the locals that count. */
export type Walk = {
  readonly image: Local
  readonly down: Local
  readonly across: Local
  /** Number of the tile in the block. */
  readonly tile: Local
}

export function walk(f: FunctionBuilder): Walk {
  return { image: f.local('i32'), down: f.local('i32'), across: f.local('i32'), tile: f.local('i32') }
}

/** Runs `visit` for every tile of the block; `before` and `after` for every image. */
export function eachTile(
  f: FunctionBuilder,
  { image, down, across, tile }: Walk,
  tiling: Tiling,
  visit: () => void,
  before: () => void = () => {},
  after: () => void = () => {},
): void {
  f.i32(0).set(tile)
  f.for(image, 0, tiling.images, 1, () => {
    before()
    f.for(down, 0, tiling.down, 1, () => {
      f.for(across, 0, tiling.across, 1, () => {
        visit()
        f.get(tile).i32(1).op('i32.add').set(tile)
      })
    })
    after()
  })
}

/** Clears the zeros around an image at the address in a local. */
export function clearSource(f: FunctionBuilder, source: Source, address: Local): void {
  f.get(address).i32(0).i32(sourceBytes(source)).memoryFill()
}

/**
 * Transforms panels of channels of a block's images, from number `first` on; `padded` holds the address of an image of
 * zeros.
 */
export function emitSource(
  f: FunctionBuilder,
  bench: Workbench,
  walking: Walk,
  tiling: Tiling,
  {
    source,
    first,
    padded,
    target,
    layout,
  }: {
    readonly source: Source
    readonly first: Local
    readonly padded: Local
    readonly target: Local
    readonly layout: Layout
  },
  panels: Range = { from: 0, to: source.image.channels / PANEL },
): void {
  const { image, above, transform } = source
  const integer = (): Local => f.local('i32')
  const [index, inside, vector, from, to] = [integer(), integer(), integer(), integer(), integer()]
  const [firstVector, pastVectors] = [vectorBound(f, panels.from), vectorBound(f, panels.to)]
  const line = rowBytes(image)
  const pixel = 4 * image.channels
  const copy = (): void => {
    setLinear(f, index, 0, [
      [first, 1],
      [walking.image, 1],
    ])
    setLinear(f, inside, above * line, [[padded, 1]])
    copyImage(f, image, index, inside)
  }
  const visit = (): void => {
    f.for(vector, firstVector, pastVectors, 1, () => {
      setLinear(f, from, 0, [
        [padded, 1],
        [walking.down, OUTPUTS * line],
        [walking.across, OUTPUTS * pixel],
        [vector, 16],
      ])
      locateVector(f, to, target, layout, walking.tile, vector)
      emitTransform(
        f,
        bench,
        transform,
        { address: from, row: line, column: pixel },
        storeSquare(f, { address: to, row: PRODUCTS * layout.matrix, column: layout.matrix }),
      )
    })
  }
  eachTile(f, walking, tiling, visit, copy)
}

/** The number of vectors in so many panels. */
function vectorBound(f: FunctionBuilder, panels: Bound): Bound {
  const vectors = PANEL / 4
  if (typeof panels === 'number') return panels * vectors
  const local = f.local('i32')
  setLinear(f, local, 0, [[panels.local, vectors]])
  return { local }
}

/** Sets a local to the address of a vector of channels of one row in the first matrix. */
export function locateVector(
  f: FunctionBuilder,
  to: Local,
  base: Local,
  layout: Layout,
  row: Local,
  vector: Local,
): void {
  setLinear(f, to, 0, [
    [base, 1],
    [row, layout.row],
  ])
  f.get(to)
  f.get(vector).i32(1).op('i32.shr_u').i32(layout.panel).op('i32.mul', 'i32.add')
  f.get(vector).i32(1).op('i32.and').i32(4).op('i32.shl', 'i32.add').set(to)
}

/** The 36 products of a panel: rows of a by one panel of b. */
export type Products = {
  readonly rows: number
  readonly depth: number
  /** Addresses of the first matrices, and bytes from one to the next, along a row's depth and from row to row. */
  readonly a: {
    readonly address: Local
    readonly matrix: number
    readonly row: number
    readonly step: number
  }
  readonly b: { readonly address: Local; readonly matrix: number }
  readonly target: { readonly address: Local; readonly matrix: number }
  /** Whether to add to what is there. */
  readonly accumulate: boolean
  readonly arithmetic: Arithmetic
}

export function emitProducts(f: FunctionBuilder, registers: TileRegisters, products: Products): void {
  const { rows, depth, a, b, target, accumulate, arithmetic } = products
  const integer = (): Local => f.local('i32')
  const [matrix, row, counter, left, right, to] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ]
  const tiles = splitRows(rows, PANEL)
  f.for(matrix, 0, MATRICES, 1, () => {
    eachPiece(f, tiles, all(tiles), row, (height) => {
      const tile = { rows: height, columns: PANEL }
      setLinear(f, left, 0, [
        [a.address, 1],
        [matrix, a.matrix],
        [row, a.row],
      ])
      setLinear(f, right, 0, [
        [b.address, 1],
        [matrix, b.matrix],
      ])
      setLinear(f, to, 0, [
        [target.address, 1],
        [matrix, target.matrix],
        [row, 4 * PANEL],
      ])
      clearTile(f, registers, tile)
      const cursors = [
        { local: left, step: a.step },
        { local: right, step: 4 * PANEL },
      ]
      depthLoop(f, tile, depth, cursors, counter, (k) => {
        stepTile(
          f,
          registers,
          tile,
          arithmetic,
          (r) => f.get(left).memory('v128.load32_splat', r * a.row + k * a.step),
          (vector) => f.get(right).memory('v128.load', k * 4 * PANEL + 16 * vector),
        )
      })
      eachVector(registers, tile, (sum, r, column) => {
        const bytes = 4 * (r * PANEL + column)
        f.get(to).get(sum)
        if (accumulate) f.get(to).memory('v128.load', bytes).op('f32x4.add')
        f.memory('v128.store', bytes)
      })
    })
  })
}
