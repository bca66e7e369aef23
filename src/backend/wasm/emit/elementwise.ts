import type { Value } from '../../../ir/ir.ts'
import type { OpOfKind } from '../../../ir/ops/index.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import type { MathLibrary } from '../math/library.ts'

type ElementwiseContext = {
  readonly f: FunctionBuilder
  readonly math: MathLibrary
  /** Push the vector of an operand: as it is, or as f32 lanes. */
  readonly push: (operand: Value) => void
  readonly pushFloat: (operand: Value) => void
}

type ElementwiseOp = OpOfKind<'elementwise'>
type Apply<K extends ElementwiseOp> = (value: Value<K>, context: ElementwiseContext) => void

const ELEMENTWISE: { readonly [K in ElementwiseOp]: Apply<K> } = {
  unary({ function: name, x }, { f, math, pushFloat }) {
    pushFloat(x)
    math.unary(f, name)
  },
  binary({ function: name, a, b }, { f, math, pushFloat }) {
    pushFloat(a)
    pushFloat(b)
    math.binary(f, name)
  },
  select({ condition, a, b }, { f, push, pushFloat }) {
    push(a)
    push(b)
    pushFloat(condition)
    f.f32x4(0).op('f32x4.ne', 'v128.bitselect')
  },
  cast({ x, dtype }, { f, push }) {
    push(x)
    if (x.dtype === dtype) return
    f.op(dtype === 'i32' ? 'i32x4.trunc_sat_f32x4_s' : 'f32x4.convert_i32x4_s')
  },
}

/** Pushes the result of an elementwise operation. */
export function applyElementwise<K extends ElementwiseOp>(
  value: Value<K>,
  context: ElementwiseContext,
): void {
  ELEMENTWISE[value.op](value, context)
}
