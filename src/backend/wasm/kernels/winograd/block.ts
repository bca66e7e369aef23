// Blocks of images in Winograd's domain: one matrix [tiles, channels] for each of the 36 products of a tile.

import { splitEvenly } from '../../../plan/pieces.ts'
import type { ConvolutionWindow } from '../../../plan/window.ts'
import { INPUT, INPUTS, MATRICES, OUTPUT, OUTPUTS, PRODUCTS } from '../../../plan/winograd.ts'
import type { Tiling } from '../../../plan/winograd.ts'
import type { Bound, FunctionBuilder, Integer } from '../../assembler/function-builder.ts'
import { setLinear } from '../../emit/integers.ts'
import { all, eachPiece, locateScratch } from '../../emit/partition.ts'
import type { Partition, PieceRange } from '../../emit/partition.ts'
import { clearTile, eachVector, multiplyTile, PANEL, splitRows, tileRegisters } from '../../emit/tile.ts'
import type { TileRegisters } from '../../emit/tile.ts'
import { copyImage, rowBytes } from '../image.ts'
import type { ImportedMachine } from '../machine.ts'
import type { MatmulSpec } from '../matmul/kernel.ts'
import type { PaddedImage } from '../image.ts'
import { emitTransform, spread, storeSquare, workbench } from './transform.ts'
import type { TileTransform, VectorSquare, Workbench } from './transform.ts'

/** Byte distances of a vector of channels in a block's matrices, and channels of a panel. */
export type MatrixLayout = Readonly<Record<'matrix' | 'row' | 'panel' | 'width', number>>

/** Channels of a panel where a machine multiplies: whole vectors of every width. */
const MACHINE_PANEL = 16

/** Channels of the other side up to which such a panel of all matrices stays in the second cache. */
const DEEPEST = 128

/** Channels of the panels of a kernel, or of its gradient, of `columns` channels by `depth` of the other side. */
export function panelWidth(columns: number, depth: number, machine: ImportedMachine | undefined): number {
  return machine && columns % MACHINE_PANEL === 0 && depth <= DEEPEST ? MACHINE_PANEL : PANEL
}

/** Rows side by side. An odd number of cache lines from one matrix to the next spreads them over the cache's sets. */
export function rowLayout(rows: number, channels: number): MatrixLayout {
  const matrix = 64 * (Math.ceil((rows * channels) / 16) | 1)
  return { matrix, row: 4 * channels, panel: 4 * PANEL, width: PANEL }
}

/** All matrices of one panel of channels side by side, in the order in which a register tile reads them. */
export function panelLayout(rows: number, width: number): MatrixLayout {
  const row = 4 * width
  return { matrix: row * rows, row, panel: row * rows * MATRICES, width }
}

/** Bytes of all matrices. */
export function layoutBytes(layout: MatrixLayout, channels: number): number {
  const bytes = Math.max(layout.matrix * MATRICES, (layout.panel * channels) / layout.width)
  return (bytes + 127) & ~63
}

/** The 36 vectors at an address, one in each matrix. */
export function squareAt(address: Integer, { matrix }: MatrixLayout): VectorSquare {
  return { address, row: PRODUCTS * matrix, column: matrix }
}

/** The images of a block as tiles read them: with zeros around them. */
export type TileSource = {
  readonly image: PaddedImage
  readonly above: number
  readonly height: number
  readonly transform: TileTransform
}

/** The images that a convolution reads. */
export function inputSource(
  { input: [height = 1, width = 1], channels, padding }: ConvolutionWindow,
  tiling: Tiling,
  address: number,
): TileSource {
  const [above, left] = [padding[0]?.[0] ?? 0, padding[1]?.[0] ?? 0]
  const read = (tiles: number): number => tiles * OUTPUTS + INPUTS - OUTPUTS
  const right = read(tiling.across) - left - width
  return {
    image: { address, height, width, channels, padding: [left, Math.max(0, right)] },
    above,
    height: Math.max(read(tiling.down), above + height),
    transform: spread(INPUT),
  }
}

/** The gradient of what it makes. */
export function outputSource(
  { output: [height = 1, width = 1], filters }: ConvolutionWindow,
  tiling: Tiling,
  address: number,
): TileSource {
  return {
    image: { address, height, width, channels: filters, padding: [0, tiling.across * OUTPUTS - width] },
    above: 0,
    height: tiling.down * OUTPUTS,
    transform: spread(OUTPUT),
  }
}

/** Bytes of one image with its zeros. */
export function sourceBytes({ image, height }: TileSource): number {
  return (height * rowBytes(image) + 127) & ~63
}

/** The function being written, and the locals that every kernel in Winograd's domain needs. */
export type WinogradBlock = {
  readonly f: FunctionBuilder
  readonly tiling: Tiling
  readonly bench: Workbench
  readonly registers: TileRegisters
  readonly machine: ImportedMachine | undefined
  /** Position in a block: its image, the tile in the image, the number of the tile in the block. */
  readonly walk: Readonly<Record<'image' | 'down' | 'across' | 'tile', Integer>>
}

/** Sets `scratch` to this thread's scratch memory, which begins with that of the transforms. */
export function openBlock(
  f: FunctionBuilder,
  tiling: Tiling,
  scratch: Integer,
  spec: Pick<MatmulSpec, 'scratch' | 'arithmetic' | 'machine'>,
  bytes: number,
  partition: Partition | undefined,
): WinogradBlock {
  const bench = workbench(f, spec.arithmetic, scratch)
  const registers = tileRegisters(f)
  const walk = f.integers('image', 'down', 'across', 'tile')
  locateScratch(f, scratch, spec.scratch, bytes, partition)
  return { f, tiling, bench, registers, machine: spec.machine, walk }
}

/** Runs `visit` for every tile of the block; `before` and `after` for every image. */
export function eachTile(
  { f, tiling, walk: { image, down, across, tile } }: WinogradBlock,
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

/** Matrices to make of a block's images from number `first` on; `padded` is the address of an image of zeros. */
export type SourceMatrices = {
  readonly source: TileSource
  readonly first: Integer
  readonly padded: Integer
  readonly target: Integer
  readonly layout: MatrixLayout
}

/** Transforms panels of channels of a block's images. */
export function emitSource(
  block: WinogradBlock,
  { source, first, padded, target, layout }: SourceMatrices,
  panels: PieceRange = { from: 0, to: source.image.channels / layout.width },
): void {
  const { f, bench, walk } = block
  const { image, above, transform } = source
  const { index, inside, vector, from, to } = f.integers('index', 'inside', 'vector', 'from', 'to')
  const vectors = layout.width / 4
  const [firstVector, pastVectors] = [times(f, panels.from, vectors), times(f, panels.to, vectors)]
  const line = rowBytes(image)
  const pixel = 4 * image.channels
  const copy = (): void => {
    setLinear(f, index, 0, [first, 1], [walk.image, 1])
    setLinear(f, inside, above * line, [padded, 1])
    copyImage(f, image, index, inside)
  }
  const visit = (): void => {
    f.for(vector, firstVector, pastVectors, 1, () => {
      const fromTerms = [
        [padded, 1],
        [walk.down, OUTPUTS * line],
        [walk.across, OUTPUTS * pixel],
        [vector, 16],
      ] as const
      setLinear(f, from, 0, ...fromTerms)
      locateVector(f, to, target, layout, walk.tile, vector)
      const square = { address: from, row: line, column: pixel }
      emitTransform(f, bench, transform, square, storeSquare(f, squareAt(to, layout)))
    })
  }
  eachTile(block, visit, copy)
}

function times(f: FunctionBuilder, bound: Bound, factor: number): Bound {
  if (typeof bound === 'number') return bound * factor
  const local = f.local('i32')
  setLinear(f, local, 0, [bound, factor])
  return local
}

/** Sets a local to the address of a vector of channels of one row in the first matrix. */
export function locateVector(
  f: FunctionBuilder,
  to: Integer,
  base: Integer,
  layout: MatrixLayout,
  row: Integer,
  vector: Integer,
): void {
  setLinear(f, to, 0, [base, 1], [row, layout.row])
  f.get(to)
  const vectors = layout.width / 4
  f.get(vector).i32(vectors).op('i32.div_u').i32(layout.panel).op('i32.mul', 'i32.add')
  f.get(vector).i32(vectors).op('i32.rem_u').i32(4).op('i32.shl', 'i32.add').set(to)
}

/** The first matrix of an operand, and bytes from one matrix to the next. */
type Matrices = { readonly address: Integer; readonly matrix: number }

/** The 36 products of a panel: rows of a by one panel of b; `accumulate` adds to the sums that are there. */
export type PanelProducts = {
  readonly rows: number
  readonly width: number
  readonly depth: number
  /** Bytes along a row's depth, and from row to row. */
  readonly a: Matrices & { readonly row: number; readonly step: number }
  readonly b: Matrices
  readonly target: Matrices
  readonly accumulate: boolean
}

export function emitProducts(block: WinogradBlock, products: PanelProducts): void {
  if (block.machine) callMachine(block.f, block.machine, products)
  else multiplyTiles(block, products)
}

/** All matrices' tiles of one height in one call. */
function callMachine(
  f: FunctionBuilder,
  { tiles: machine, call }: ImportedMachine,
  { rows, width, depth, a, b, target, accumulate }: PanelProducts,
): void {
  const row = 4 * width
  for (const { size, count, start } of splitEvenly(rows, machine.rowsBeside(width))) {
    const run = {
      rows: size,
      columns: width,
      depth,
      a: { row: a.row, step: a.step },
      b: { step: row },
      out: { row },
      adds: accumulate,
      matrices: { tiles: count, a: a.matrix, b: b.matrix, out: target.matrix },
    }
    f.i32(machine.functionOf(run))
    f.get(a.address)
      .i32(start * a.row)
      .op('i32.add')
    f.get(b.address)
    f.get(target.address)
      .i32(start * row)
      .op('i32.add')
    f.i32(MATRICES).call(call)
  }
}

function multiplyTiles(
  { f, bench: { arithmetic }, registers }: WinogradBlock,
  { rows, depth, a, b, target, accumulate }: PanelProducts,
): void {
  const { matrix, row, counter, left, right, to } = f.integers(
    'matrix',
    'row',
    'counter',
    'left',
    'right',
    'to',
  )
  const tiles = splitRows(rows, PANEL)
  f.for(matrix, 0, MATRICES, 1, () => {
    eachPiece(f, tiles, all(tiles), row, (height) => {
      const tile = { rows: height, columns: PANEL }
      setLinear(f, left, 0, [a.address, 1], [matrix, a.matrix], [row, a.row])
      setLinear(f, right, 0, [b.address, 1], [matrix, b.matrix])
      setLinear(f, to, 0, [target.address, 1], [matrix, target.matrix], [row, 4 * PANEL])
      clearTile(f, registers, tile)
      multiplyTile(f, registers, tile, {
        depth,
        counter,
        arithmetic,
        a: { local: left, row: a.row, step: a.step },
        b: { local: right, step: 4 * PANEL },
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
