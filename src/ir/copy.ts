import type { Builder } from './builder.ts'
import type { Value } from './ir.ts'
import { operands, withOperands } from './ops/index.ts'

/**
 * Appends to a builder what some results need of a program's values, in order, and returns what each became. A value that
 * is found elsewhere stands for what it needs itself.
 */
export function copyLive(
  b: Builder,
  values: readonly Value[],
  results: Iterable<Value>,
  found: ReadonlyMap<Value, () => Value>,
): (value: Value) => Value {
  const live = new Set(results)
  for (const value of live) if (!found.has(value)) for (const x of operands(value)) live.add(x)
  const copies = new Map<Value, Value>()
  const copyOf = (value: Value): Value => {
    const copy = copies.get(value)
    if (copy === undefined) throw new Error(`value ${value.id} is used before it is made`)
    return copy
  }
  for (const value of values) {
    if (live.has(value)) copies.set(value, found.get(value)?.() ?? b.append(withOperands(value, copyOf)))
  }
  return copyOf
}
