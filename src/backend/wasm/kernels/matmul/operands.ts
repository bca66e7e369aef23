// Where a kernel finds its operands: in the matrices, or in copies in the order of the tiles.

import { isStriped } from '../../../plan/matmul.ts'
import { setLinear } from '../../emit/integers.ts'
import type { Terms } from '../../emit/integers.ts'
import { packColumns, packRows } from '../pack.ts'
import type { MatmulKernel } from './kernel.ts'

/** The distance from the start of a row to that of a stripe, from which its columns count. */
export function stripeTerm({ plan, at }: MatmulKernel, bytes: number): Terms[number] {
  return [at.stripe, isStriped(plan) ? bytes : 0]
}

/** Sets b to where the panel begins in the block. */
export function locatePanel(kernel: MatmulKernel): void {
  const { f, spec, at } = kernel
  const { transposeB } = kernel.plan
  const bytes = 4 * (transposeB ? spec.depth : 1)
  const block = spec.stacked?.b.matrix ?? (transposeB ? 1 : spec.columns)
  const bTerms = [
    [at.matrix, spec.sharedB ? 0 : 4 * spec.depth * spec.columns],
    [at.column, bytes],
    stripeTerm(kernel, bytes),
    [at.block, 4 * block],
  ] as const
  setLinear(f, at.b, spec.b, ...bTerms)
}

/** Elements from one row of b to the next. */
export function rowOfB({ spec }: MatmulKernel): number {
  return spec.stacked?.b.step ?? spec.columns
}

/** Sets b to where the panel's copy begins. */
export function locatePacked({ f, spec, plan, at }: MatmulKernel): void {
  setLinear(f, at.b, 0, [at.scratch, 1], [at.column, plan.whole ? 4 * spec.depth : 0])
}

export function packPanel(kernel: MatmulKernel, columns: number, depth: number): void {
  const { f, spec, plan, sizes, at } = kernel
  locatePacked(kernel)
  f.get(at.b).set(at.a)
  locatePanel(kernel)
  const panel = { source: at.b, target: at.a, depth, columns, lanes: sizes.lanes }
  if (plan.transposeB) packRows(f, { ...panel, stride: spec.depth })
  else packColumns(f, { ...panel, stride: rowOfB(kernel) })
}

/** Copies what the next rows of the result take of a. */
export function packStrip({ f, spec: { a, rows, depth }, plan, at }: MatmulKernel, count: number): void {
  setLinear(f, at.a, a, [at.matrix, 4 * rows * depth], [at.group, 4])
  setLinear(f, at.b, plan.scratch.strip, [at.scratch, 1])
  packColumns(f, { source: at.a, target: at.b, depth, stride: rows, columns: count })
}

/** Sets a to the first factor of the next rows, in a or in a copy of some rows; returns what lies between two of them. */
export function locateA({ f, spec, plan, at }: MatmulKernel, strip?: number): { row: number; step: number } {
  const { rows, parts = false, stacked } = spec
  const rowOfA = parts ? spec.batch * spec.depth : spec.depth
  if (strip === undefined) {
    const aTerms = [
      [at.matrix, 4 * (parts ? spec.depth : rows * spec.depth)],
      [at.row, 4 * (plan.transposeA ? 1 : rowOfA)],
      [at.block, 4 * (stacked?.a.matrix ?? (plan.transposeA ? rows : 1))],
    ] as const
    setLinear(f, at.a, spec.a, ...aTerms)
  } else {
    setLinear(f, at.a, plan.scratch.strip, [at.scratch, 1], [at.rowInGroup, 4])
  }
  return plan.transposeA
    ? { row: 4, step: 4 * (strip ?? stacked?.a.step ?? rows) }
    : { row: 4 * rowOfA, step: 4 }
}
