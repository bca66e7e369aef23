// Tiles that code of the module multiplies.

import { setLinear } from '../../emit/integers.ts'
import { clearTile, eachVector, multiplyTile, storeTile, vectorsOf, WIDEST_PANEL } from '../../emit/tile.ts'
import type { Tile } from '../../emit/tile.ts'
import type { MatmulKernel } from './kernel.ts'
import { locateA, locatePacked, locatePanel, rowOfB } from './operands.ts'

/** Leaves the sums of a tile in its registers; `strip` as in PanelTiles. */
export function multiply(kernel: MatmulKernel, tile: Tile, depth: number, strip?: number): void {
  const { f, spec, plan, registers, at } = kernel
  const { row, step } = locateA(kernel, strip)
  if (plan.packed) locatePacked(kernel)
  else locatePanel(kernel)
  const inPlace = plan.transposeB
    ? { step: 4, load: gatherLanes(kernel, tile) }
    : { step: 4 * rowOfB(kernel) }
  clearTile(f, registers, tile)
  multiplyTile(f, registers, tile, {
    depth,
    counter: at.counter,
    arithmetic: spec.arithmetic,
    a: { local: at.a, row, step },
    b: { local: at.b, ...(plan.packed ? { step: 16 * vectorsOf(tile) } : inPlace) },
  })
}

/** Pushes four columns of a matrix that lies transposed. */
function gatherLanes({ f, spec: { depth }, registers, at }: MatmulKernel, { columns }: Tile) {
  return (vector: number, k: number): void => {
    const first = 4 * vector
    f.get(at.b).memory('v128.load32_zero', 4 * (first * depth + k))
    for (let lane = 1; lane < Math.min(4, columns - first); lane++) {
      f.set(registers.a).get(at.b).get(registers.a)
      f.memoryLane('v128.load32_lane', lane, 4 * ((first + lane) * depth + k))
    }
  }
}

function locatePartial({ f, plan, at }: MatmulKernel): void {
  setLinear(f, at.partial, plan.scratch.partial, [at.scratch, 1], [at.row, 4 * WIDEST_PANEL])
}

export function addToPartial(kernel: MatmulKernel, tile: Tile): void {
  const { f, registers, at } = kernel
  locatePartial(kernel)
  eachVector(registers, tile, (sum, r, c) => {
    const bytes = 4 * (r * WIDEST_PANEL + c)
    f.get(at.partial).get(at.partial).memory('v128.load', bytes)
    f.get(sum).op('f32x4.add').memory('v128.store', bytes)
  })
}

export function loadPartial(kernel: MatmulKernel, tile: Tile): void {
  const { f, registers, at } = kernel
  locatePartial(kernel)
  eachVector(registers, tile, (sum, r, c) => {
    f.get(at.partial)
      .memory('v128.load', 4 * (r * WIDEST_PANEL + c))
      .set(sum)
  })
}

export function store({ f, spec, registers, at }: MatmulKernel, tile: Tile): void {
  const { rows, columns } = spec
  setLinear(f, at.element, 0, [at.matrix, 4 * rows * columns], [at.row, 4 * columns], [at.column, 4])
  setLinear(f, at.rowBytes, 0, [at.matrix, 4 * rows], [at.row, 4])
  setLinear(f, at.columnBytes, 0, [at.column, 4])
  storeTile(f, registers, tile, {
    output: spec.output,
    rowStride: columns,
    rowStep: 1,
    element: at.element,
    row: at.rowBytes,
    column: at.columnBytes,
    epilogue: spec.epilogue,
  })
}

/** Stores a tile in scratch memory, where `sweep` finds it. */
export function storeForSweep({ f, spec: { columns }, plan, registers, at }: MatmulKernel, tile: Tile): void {
  setLinear(f, at.element, plan.scratch.sweep, [at.scratch, 1], [at.rowInGroup, 4 * columns], [at.column, 4])
  storeTile(f, registers, tile, {
    output: 0,
    rowStride: columns,
    rowStep: 1,
    element: at.element,
    row: at.rowBytes,
    column: at.columnBytes,
    epilogue: undefined,
  })
}
