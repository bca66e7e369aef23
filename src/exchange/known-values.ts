import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import type { Value } from '../ir/ir.ts'
import { operands, withOperands } from '../ir/ops/index.ts'

/**
 * Returns what tells the numbers of values that follow from the weights alone; none that `varies` does. `captures` are the
 * values that the inputs of bodies stand for.
 */
export function knownValues(
  weights: ReadonlyMap<string, ArrayLike<number>>,
  varies: (value: Value) => boolean = () => false,
  captures: ReadonlyMap<Value, Value> = new Map(),
): (value: Value) => ArrayLike<number> | undefined {
  const found = new Map<Value, ArrayLike<number> | undefined>()
  const evaluate = (value: Value): ArrayLike<number> | undefined => {
    const captured = captures.get(value)
    if (captured !== undefined) return knownOf(captured)
    if (value.op === 'input') return weights.get(value.name)
    if (value.op === 'constant') return value.data
    if (value.op === 'scan' || varies(value)) return undefined
    if (operands(value).some((operand) => knownOf(operand) === undefined)) return undefined
    return evaluated(value, (operand) => knownOf(operand) ?? [])
  }
  const knownOf = (value: Value): ArrayLike<number> | undefined => {
    if (!found.has(value)) found.set(value, evaluate(value))
    return found.get(value)
  }
  return knownOf
}

/** The numbers of one operation. */
function evaluated(value: Value, numbersOf: (operand: Value) => ArrayLike<number>): ArrayLike<number> {
  const b = new Builder()
  const inputs = new Map<string, ArrayLike<number>>()
  const copies = new Map<Value, Value>()
  for (const operand of operands(value)) {
    if (copies.has(operand)) continue
    const name = String(operand.id)
    inputs.set(name, numbersOf(operand))
    copies.set(operand, b.input(name, operand.shape, operand.dtype))
  }
  const result = b.append(withOperands(value, (operand) => copies.get(operand) ?? operand))
  return interpret(b.program([['result', result]]), inputs).get('result') ?? []
}
