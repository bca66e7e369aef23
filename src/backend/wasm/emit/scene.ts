import type { Value } from '../../../ir/ir.ts'
import type { Group, LoopReading } from '../../plan/group.ts'
import type { Space } from '../../plan/space.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import type { MathLibrary } from '../math/library.ts'

/** The surroundings of a kernel: its group, its loops, and the values that it reads. */
export type Scene = {
  readonly module: ModuleBuilder
  readonly group: Group
  readonly space: Space
  readonly reading: LoopReading
  readonly stored: ReadonlySet<Value>
  readonly math: MathLibrary
  /** Byte address of a stored value. */
  readonly addressOf: (value: Value) => number
  /** In the body of a loop: values that move by some bytes with every step, which lies at an address. */
  readonly moving: ReadonlyMap<Value, number>
  readonly step?: number | undefined
}
