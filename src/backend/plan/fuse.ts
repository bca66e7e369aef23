// Decides what is computed together: elementwise values join the kernel that makes one of their operands, reductions
// over one space share a loop nest, and cheap values are computed again where they are read instead of being stored.
//
//   place every value, in order   ->   merge nests over one space   ->   choose what is stored   ->   order the groups
//
// A value is an anchor (a group of its own), floats (cheap, made of inputs alone: its readers compute it), joins the
// latest group that takes it, or starts a group.

import type { Program, Value } from '../../ir/ir.ts'
import { isOfKind } from '../../ir/ops/index.ts'
import { isAnchor, isShifted, operandsOf, LoopReading, storageOf } from './group.ts'
import type { AnchorOp, Group } from './group.ts'
import { Grouping } from './grouping.ts'
import { mergeNeighbours } from './merge.ts'
import { orderOf, storedValues } from './stored.ts'

export type Fusion = {
  /** In an order in which they can run. */
  readonly groups: readonly Group[]
  /** Values that lie in memory: inputs, constants, and what a group makes for others. */
  readonly stored: ReadonlySet<Value>
  readonly reading: LoopReading
}

export function fuse(program: Program, takesEpilogue: (anchor: Value<AnchorOp>) => boolean): Fusion {
  const live = liveValues(program)
  const values = program.values.filter((value) => live.has(value))
  const demanded = demandedValues(program, values)
  // Loops read these where they are needed: they have no storage of their own.
  const copied = [...demanded].filter((value) => isOfKind(value, 'indexing', 'count'))
  const reading = new LoopReading(new Set(copied))
  const grouping = new Grouping(reading, demanded, takesEpilogue)
  for (const value of values) grouping.place(value)
  mergeNeighbours(grouping)
  const stored = storedValues(grouping, values, demanded)
  return { groups: orderOf(grouping, stored), stored, reading }
}

function liveValues(program: Program): Set<Value> {
  const live = new Set(program.outputs.values())
  for (const value of live) for (const operand of operandsOf(value)) live.add(operand)
  return live
}

/** Values that must lie in memory: results, and operands of operations that no loop nest computes. */
function demandedValues(program: Program, values: readonly Value[]): Set<Value> {
  const demanded = new Set<Value>()
  for (const value of values)
    if (isAnchor(value) || isShifted(value)) operandsOf(value).forEach((x) => demanded.add(storageOf(x)))
  for (const value of program.outputs.values()) demanded.add(storageOf(value))
  return demanded
}
