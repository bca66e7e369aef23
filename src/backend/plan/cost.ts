import type { Value } from '../../ir/ir.ts'

/** Operations of more instructions than a load and a store cost. */
const EXPENSIVE = new Set([
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'sin',
  'cos',
  'pow',
])

/** Operations that a value may take to be computed again where it is read. */
export const CHEAP = 4

export function costOf(value: Value): number {
  const name = value.op === 'unary' || value.op === 'binary' ? value.function : value.op
  if (EXPENSIVE.has(name)) return 2 * CHEAP
  return name === 'div' || name === 'sqrt' || name === 'rsqrt' ? 2 : 1
}
