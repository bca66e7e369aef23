import type { BinaryFunction, UnaryFunction, Value } from '../../ir/ir.ts'

/** The cost of operations that a value may take to be computed again where it is read. */
export const CHEAP = 4

/** More instructions than a load and a store. */
const EXPENSIVE = 2 * CHEAP

const UNARY: Record<UnaryFunction, number> = {
  abs: 1,
  ceil: 1,
  cos: EXPENSIVE,
  erf: EXPENSIVE,
  exp: EXPENSIVE,
  expm1: EXPENSIVE,
  floor: 1,
  log: EXPENSIVE,
  log1p: EXPENSIVE,
  neg: 1,
  relu: 1,
  rsqrt: 2,
  sigmoid: EXPENSIVE,
  sign: 1,
  sin: EXPENSIVE,
  softplus: EXPENSIVE,
  sqrt: 2,
  square: 1,
  tanh: EXPENSIVE,
}

const BINARY: Record<BinaryFunction, number> = {
  add: 1,
  sub: 1,
  mul: 1,
  div: 2,
  max: 1,
  min: 1,
  pow: EXPENSIVE,
  equal: 1,
  less: 1,
  less_equal: 1,
}

export function costOf(value: Value): number {
  if (value.op === 'unary') return UNARY[value.function]
  return value.op === 'binary' ? BINARY[value.function] : 1
}
