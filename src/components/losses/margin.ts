import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import type { LossInputs } from './loss.ts'

/** max(0, 1 - target * prediction), elementwise; targets that are all 0 or 1 in a batch stand for -1 and 1, as in Keras. */
export function missedMargin(b: Builder, { target, prediction }: LossInputs): Value {
  const binary = b.reduceMin(b.max(b.equal(target, 0), b.equal(target, 1)))
  const signed = b.select(binary, b.sub(b.mul(target, 2), 1), target)
  return b.max(b.sub(1, b.mul(signed, prediction)), 0)
}
