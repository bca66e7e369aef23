// The table of ops: one record for each, exported under its name by the file that it stands in. The builder, the
// gradient, the printer and the fusion read it; each back end has a table of its own with an entry for every op.

import type { Op, Operation, TensorType, Value } from '../ir.ts'
import * as elementwise from './elementwise.ts'
import * as matmul from './matmul.ts'
import type { OpKind, OpRecord } from './op.ts'
import * as rearranging from './rearranging.ts'
import * as reductions from './reductions.ts'
import { scan } from './scan.ts'
import * as sources from './sources.ts'
import * as windows from './windows.ts'

type OpTable = { readonly [K in Op]: OpRecord<K> }

const ops = {
  ...sources,
  ...elementwise,
  ...reductions,
  ...matmul,
  ...windows,
  ...rearranging,
  scan,
} satisfies OpTable

export const OPS: OpTable = ops

/** The ops of some kinds. */
export type OpOfKind<T extends OpKind> = { [K in Op]: (typeof ops)[K]['kind'] extends T ? K : never }[Op]

/** Tells values whose op is of one of some kinds. */
export function isOfKind<T extends OpKind>(
  value: Value,
  ...kinds: readonly T[]
): value is Value<OpOfKind<T>> {
  return kinds.some((kind) => kind === ops[value.op].kind)
}

/** The operands of an operation, in order. */
export function operands<K extends Op>(operation: Operation<K>): readonly Value[] {
  return OPS[operation.op].operands(operation)
}

/** Values with all that they are computed from. */
export function withAncestors(values: Iterable<Value>): Set<Value> {
  const found = new Set(values)
  for (const value of found) for (const operand of operands(value)) found.add(operand)
  return found
}

/** The same operation on other operands. */
export function withOperands<K extends Op>(
  operation: Operation<K>,
  change: (operand: Value) => Value,
): Operation<K> {
  return OPS[operation.op].withOperands(operation, change)
}

/** The type of an operation's result. */
export function typeOf<K extends Op>(operation: Operation<K>): TensorType {
  return OPS[operation.op].type(operation)
}
