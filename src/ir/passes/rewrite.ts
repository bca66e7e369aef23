import { Builder } from '../builder.ts'
import type { Operation, Program, Value } from '../ir.ts'
import { operands, typeOf, withOperands } from '../ops/index.ts'

/** A way to write values differently, with the same meaning up to rounding and to the sign of zeros. */
export type RewriteRule = {
  /** A value to use instead of one about to be appended, built with `b` from its operands; undefined to leave it. */
  readonly replace: (b: Builder, value: Value, usage: Usage) => Value | undefined
  /** Called with each value that was appended, and with the one that the rules were asked to replace. */
  readonly appended?: (value: Value, draft: Value) => void
}

/** Tells values that are known to be used once. */
export type Usage = { readonly once: (value: Value) => boolean }

/** Rebuilds a program, each operation through the rules; returns the same program where none applies. */
export function rewrite(program: Program, rules: readonly RewriteRule[]): Program {
  const b = new Rewriter(rules, countUses(program))
  const copies = replay(b, program, (value, copy) => {
    b.copied(value, copy)
    return copy
  })
  if (!b.changed) return program
  return b.program(outputsOf(program, copies))
}

/** Appends a program to a builder and returns what its values became: their copies, or what `each` makes of them. */
export function replay(
  b: Builder,
  { values }: Pick<Program, 'values'>,
  each: (value: Value, copy: Value, copyOf: (earlier: Value) => Value) => Value = (_value, copy) => copy,
): Map<Value, Value> {
  const copies = new Map<Value, Value>()
  const copyOf = (value: Value): Value => copies.get(value) ?? value
  for (const value of values) {
    const copy =
      value.op === 'input'
        ? b.input(value.name, value.shape, value.dtype)
        : b.append(withOperands(value, copyOf))
    copies.set(value, each(value, copy, copyOf))
  }
  return copies
}

/** The outputs of a program that was replayed, as what they became. */
export function outputsOf(
  { outputs }: Pick<Program, 'outputs'>,
  copies: ReadonlyMap<Value, Value>,
): (readonly [string, Value])[] {
  return Array.from(outputs, ([name, value]) => [name, copies.get(value) ?? value])
}

/** A builder that tries its rules on all that is appended, also by the rules themselves. */
class Rewriter extends Builder {
  changed = false
  readonly #usage: Usage = { once: (value) => this.#single.has(value) }
  readonly #rules: readonly RewriteRule[]
  readonly #uses: ReadonlyMap<Value, number>
  readonly #single = new Set<Value>()
  readonly #seen = new Set<Value>()

  constructor(rules: readonly RewriteRule[], uses: ReadonlyMap<Value, number>) {
    super()
    this.#rules = rules
    this.#uses = uses
  }

  override append(operation: Operation): Value {
    const draft: Value = { ...operation, ...typeOf(operation), id: -1 }
    for (const rule of this.#rules) {
      const found = rule.replace(this, draft, this.#usage)
      if (found === undefined) continue
      this.changed = true
      return found
    }
    const value = this.keep(draft)
    for (const rule of this.#rules) rule.appended?.(value, draft)
    return value
  }

  /** A copy of a value that was used once is itself used once, unless two values became one. */
  copied(value: Value, copy: Value): void {
    if (this.#uses.get(value) === 1 && !this.#seen.has(copy)) this.#single.add(copy)
    else this.#single.delete(copy)
    this.#seen.add(copy)
  }
}

/** Number of times that each value is an operand or an output. */
export function countUses({ values, outputs }: Program): Map<Value, number> {
  const uses = new Map<Value, number>()
  const count = (value: Value): void => void uses.set(value, (uses.get(value) ?? 0) + 1)
  for (const value of values) operands(value).forEach(count)
  for (const value of outputs.values()) count(value)
  return uses
}
