// Loops that compute each row of a batch by itself, as those of recurrent layers do: each thread runs all steps of some
// rows, and need not wait for another one in between.

import type { Program, Value } from '../../ir/ir.ts'
import { isOfKind } from '../../ir/ops/index.ts'
import { nameOf } from '../../ir/ops/scan.ts'
import { operandsOf } from './group.ts'
import type { Group } from './group.ts'
import { nestLoops } from './nest.ts'
import type { Space } from './space.ts'

/** Rows from .. to - 1 of a batch, and how many it has. */
export type RowSlice = {
  readonly index: number
  readonly from: number
  readonly to: number
  readonly rows: number
}

/** A loop's body as it is planned. */
type Body = {
  readonly program: Program
  readonly stored: ReadonlySet<Value>
  readonly kernels: readonly { readonly group: Group; readonly space: Space }[]
}

/** The most slices: the code of a body is written for each. */
const MOST_SLICES = 8
/** A slice begins at a multiple of these rows: with a whole vector of WebAssembly, whatever the length of a row. */
const ROWS = 4

/** The slices of a loop's rows, at most one for each thread; none where its rows belong together. */
export function rowSlicesOf(loop: Value<'scan'>, body: Body, threads: number): readonly RowSlice[] {
  const rows = loop.initial[0]?.shape[0] ?? 1
  const count = Math.min(threads, MOST_SLICES, Math.floor(rows / ROWS))
  const cuts = Array.from({ length: count + 1 }, (_, i) =>
    i === count ? rows : ROWS * Math.round((i * rows) / count / ROWS),
  )
  const fits =
    count > 1 &&
    isRowByRow(loop, body, rows) &&
    body.kernels.every((kernel) => cuts.every((cut) => isCutAt(kernel, cut, rows)))
  return fits ? cuts.slice(1).map((to, index) => ({ index, from: cuts[index] ?? 0, to, rows })) : []
}

/** True if all that the steps make has these rows, each made of the same row of what they made before. */
function isRowByRow({ initial, axes }: Value<'scan'>, { program, stored }: Body, rows: number): boolean {
  /** The axis of the rows of states, of what is made of them, and of what else the body writes to memory. */
  const made = new Map<Value, number>()
  for (const n of initial.keys()) {
    const state = program.inputs.get(nameOf('state', n))
    if (state) made.set(state, 0)
  }
  for (const value of program.values) {
    const given = value.op === 'input' || value.op === 'constant'
    if (given || !(stored.has(value) || operandsOf(value).some((x) => made.has(x)))) continue
    const axis = rowAxisOf(value, made)
    if (axis === undefined || value.shape[axis] !== rows) return false
    made.set(value, axis)
  }
  const results = [
    ...initial.map((_, n) => nameOf('state', n)),
    ...axes.map((_, n) => nameOf('yield', n)),
  ].flatMap((name) => program.outputs.get(name) ?? [])
  const states = initial.every(({ shape }) => shape[0] === rows)
  return states && results.every((value) => value.shape[0] === rows && (made.get(value) ?? 0) === 0)
}

/** The axis of a value whose rows are made of the same rows of those operands that steps make; undefined without one. */
function rowAxisOf(value: Value, made: ReadonlyMap<Value, number>): number | undefined {
  const sources = operandsOf(value).filter((x) => made.has(x))
  const axes = sources.map((x) => made.get(x) ?? 0)
  if (value.op === 'reduce') {
    const [axis = 0] = axes
    return value.axes.includes(axis) ? undefined : axis - value.axes.filter((each) => each < axis).length
  }
  if (axes.some((axis) => axis !== 0)) return undefined
  switch (value.op) {
    case 'matmul': {
      const rowByRow = value.a.shape.length === 2 && !value.transposeA && !made.has(value.b)
      return rowByRow ? (value.parts === undefined ? 0 : 1) : undefined
    }
    case 'transpose':
      return value.permutation[0] === 0 ? 0 : undefined
    case 'concat':
    case 'reverse':
      return value.axis > 0 ? 0 : undefined
    case 'take':
      return value.axis > 0 && !made.has(value.index) ? 0 : undefined
    case 'slice':
    case 'reshape':
    case 'stop_gradient':
      return value.x.shape[0] === value.shape[0] ? 0 : undefined
    default: {
      const inPlace = isOfKind(value, 'elementwise', 'indexing')
      const fits = inPlace && sources.every(({ shape }) => shape.length === value.shape.length)
      return fits || sources.length === 0 ? 0 : undefined
    }
  }
}

/** True if a kernel's work can be cut where a row begins. */
function isCutAt({ group, space }: Body['kernels'][number], row: number, rows: number): boolean {
  const { anchor } = group
  const isCut = (count: number): boolean => Number.isInteger((count * row) / rows)
  switch (anchor?.op) {
    case 'matmul':
    case 'concat':
    case 'unary':
      return true
    case undefined: {
      const { outer, flat, vector, rest, blocks } = nestLoops(group, space)
      const [first] = outer
      if (flat) return true
      if (first === undefined) return false
      if (first === vector) return rest === 0 && blocks.length === 1 && isCut(blocks[0]?.count ?? 0)
      return isCut(space.size(first))
    }
    default:
      return false
  }
}
