// The table of ops: one record for each. The builder, the gradient, the printer and the fusion read it; each back end
// has a table of its own with an entry for every op.

import type { Op, Operation, TensorType, Value } from '../ir.ts'
import { convolution, convolution_input_gradient, convolution_kernel_gradient } from './convolutions.ts'
import { binary, cast, select, unary } from './elementwise.ts'
import { matmul } from './matmul.ts'
import type { OpKind, OpRecord } from './op.ts'
import { average_pool_gradient, max_pool_gradient, pool } from './pools.ts'
import { broadcast, concat, pad, reshape, reverse, slice, stop_gradient, transpose } from './rearranging.ts'
import { argmax, reduce } from './reductions.ts'
import { gather, scatter_add } from './rows.ts'
import { constant, input, iota, random } from './sources.ts'

type OpTable = { readonly [K in Op]: OpRecord<K> }

const ops = {
  input,
  constant,
  unary,
  binary,
  select,
  reduce,
  argmax,
  matmul,
  convolution,
  convolution_input_gradient,
  convolution_kernel_gradient,
  pool,
  max_pool_gradient,
  average_pool_gradient,
  gather,
  scatter_add,
  slice,
  pad,
  concat,
  transpose,
  reverse,
  reshape,
  broadcast,
  cast,
  iota,
  random,
  stop_gradient,
} as const satisfies OpTable

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
  const found: Value[] = []
  withOperands(operation, (operand) => {
    found.push(operand)
    return operand
  })
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
