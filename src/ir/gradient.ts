// Reverse-mode differentiation: appends the gradient of a program to the program.

import type { Builder } from './builder.ts'
import type { Op, Value } from './ir.ts'
import { isOfKind, operands, OPS, withAncestors } from './ops/index.ts'
import type { Slopes } from './ops/op.ts'

/**
 * The gradients of a scalar to each of `wrt`. Where a function has no derivative the choice is TensorFlow's: relu and
 * abs have slope 0 at 0, of equal operands max and min follow the first, equal extremes of a reduction share.
 */
export function differentiate(b: Builder, scalar: Value, wrt: readonly Value[]): Value[] {
  const one = b.broadcast(b.constant(1), scalar.shape)
  const gradients = pullBack(b, [[scalar, one]], wrt)
  return wrt.map((value) => gradients.get(value) ?? b.broadcast(b.constant(0), value.shape))
}

/**
 * The gradients to each of `wrt`, and to what lies between, of a scalar whose gradients to some results are given; none
 * where the results do not depend on it. Gradients add up in the order given, then from the last use of a value to the first; one that is given
 * to a value of `wrt` is the start of its sum.
 */
export function pullBack(
  b: Builder,
  given: Iterable<readonly [result: Value, gradient: Value]>,
  wrt: readonly Value[],
): ReadonlyMap<Value, Value> {
  const gradients = new Map<Value, Value>()
  const add = (value: Value, gradient: Value): void => {
    const others = gradients.get(value)
    gradients.set(value, others === undefined ? gradient : b.add(others, gradient))
  }
  for (const [result, gradient] of given) add(result, gradient)
  const between = valuesBetween(wrt, [...gradients.keys()])
  /** Products behind each value, from the last one on whose gradient can be no subnormal number. */
  const products = new Map<Value, number>()
  for (const value of [...between].reverse()) {
    const gradientOf = gradients.get(value)
    if (gradientOf === undefined) continue
    const passed = products.get(value) ?? 0
    const isProduct = isOfKind(value, 'product')
    const isDeep = isProduct && passed >= MOST_PRODUCTS
    const dy = isDeep ? withoutNegligible(b, gradientOf) : gradientOf
    const ahead = isDeep ? 1 : passed + Number(isProduct)
    for (const [operand, gradient] of slopes(b, value, dy)) {
      if (!between.has(operand)) continue
      add(operand, gradient())
      products.set(operand, Math.max(ahead, products.get(operand) ?? 0))
    }
  }
  return gradients
}

/** Products between two places at which negligible gradients become 0: a layer with sigmoids leaves a quarter of a gradient or less. */
const MOST_PRODUCTS = 12

/** The size below which numbers of a gradient are negligible. */
export const NEGLIGIBLE = 2 ** -96

/**
 * A gradient whose numbers are 0 where they are negligible: on the way through many layers or steps gradients vanish, and
 * with subnormal numbers a processor is tens of times as slow.
 */
export function withoutNegligible(b: Builder, gradient: Value): Value {
  return b.select(b.less(b.abs(gradient), NEGLIGIBLE), 0, gradient)
}

/** The values on a path from one of `sources` to one of the results, in the program's order. */
function valuesBetween(sources: readonly Value[], results: readonly Value[]): Set<Value> {
  const between = new Set(sources)
  for (const value of [...withAncestors(results)].sort((a, b) => a.id - b.id)) {
    if (value.op === 'stop_gradient') continue
    if (operands(value).some((operand) => between.has(operand))) between.add(value)
  }
  return new Set([...between].sort((a, b) => a.id - b.id))
}

function slopes<K extends Op>(b: Builder, value: Value<K>, dy: Value): Slopes {
  return OPS[value.op].gradient(b, value, dy)
}
