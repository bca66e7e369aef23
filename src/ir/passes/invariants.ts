import type { Builder } from '../builder.ts'
import type { Op, Value } from '../ir.ts'
import { isOfKind, operands, withOperands } from '../ops/index.ts'
import { nameOf, STEP } from '../ops/scan.ts'
import { ScanBody } from '../scan.ts'
import { uniformNumber } from './constants.ts'
import type { RewriteRule } from './rewrite.ts'

/**
 * Moves out of loops what is the same at every step, and constants of several numbers, which lie in the memory of the
 * whole program; numbers that come from outside move in.
 */
export const moveInvariantsOut: RewriteRule = {
  replace: (b, value) => (value.op === 'scan' ? moveOut(b, value) : undefined),
}

function moveOut(b: Builder, loop: Value<'scan'>): Value | undefined {
  const { body, initial, captured, steps, reverse, axes } = loop
  /** Values that are the same at every step, as values of the program around the loop. */
  const outside = new Map<Value, () => Value>()
  const inner = new ScanBody()
  const copies = new Map<Value, Value>()
  const copyOf = (value: Value): Value => copies.get(value) ?? value
  const numbers = new Map(captured.map((value, n) => [nameOf('captured', n), value]))
  for (const name of [STEP, ...initial.map((_, n) => nameOf('state', n))]) {
    const input = body.inputs.get(name)
    if (input) copies.set(input, inner.input(name, input.shape, input.dtype))
  }
  let moved = false
  for (const value of body.values) {
    const given = value.op === 'input' ? numbers.get(value.name) : undefined
    if (given !== undefined) {
      const number = uniformNumber(given)
      moved ||= number !== undefined
      copies.set(value, number === undefined ? given : inner.constant(number, value.shape))
      outside.set(value, () => given)
    }
    if (value.op === 'input') continue
    const same = operands(value).every((x) => outside.has(x))
    if (same)
      outside.set(
        value,
        once(() => b.append(withOperands<Op>(value, (x) => outside.get(x)?.() ?? x))),
      )
    const moves = same && isComputed(value)
    moved ||= moves
    copies.set(
      value,
      moves ? (outside.get(value)?.() ?? value) : inner.append(withOperands<Op>(value, copyOf)),
    )
  }
  if (!moved) return undefined
  const outputs = [...body.outputs].map(([name, value]) => [name, inner.own(copyOf(value))] as const)
  return b.append({
    op: 'scan',
    body: inner.program(outputs),
    steps,
    reverse,
    initial,
    captured: [...inner.captured.keys()],
    axes,
  })
}

function once<T>(make: () => T): () => T {
  let made: { readonly result: T } | undefined
  return () => (made ??= { result: make() }).result
}

/** False for what loops read where they are: single numbers, and other ways to look at a tensor. */
function isComputed(value: Value): boolean {
  if (value.op === 'constant') return value.data.length > 1
  return !isOfKind(value, 'alias', 'indexing', 'count')
}
