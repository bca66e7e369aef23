import type { BinaryFunction, UnaryFunction } from '../../ir/ir.ts'

/** The places of an operand at the elements of a matrix: its own, or one for each row, for each column or for all. */
export type Along = 'element' | 'row' | 'column' | 'all'

/** Functions of numbers that a machine evaluates in a kernel of their own: those of many instructions. */
export const LONG_FUNCTIONS = ['erf', 'exp', 'expm1', 'log', 'log1p', 'sigmoid', 'softplus', 'tanh'] as const
const SHORT_FUNCTIONS = ['abs', 'neg', 'relu', 'rsqrt', 'sqrt', 'square'] as const
const BINARY_FUNCTIONS = ['add', 'div', 'equal', 'less', 'less_equal', 'max', 'mul', 'sub'] as const

export type LongFunction = (typeof LONG_FUNCTIONS)[number]
export type ElementFunction = LongFunction | (typeof SHORT_FUNCTIONS)[number]
export type ElementBinary = (typeof BINARY_FUNCTIONS)[number]

/** A value of a program, by its number: 0 is the argument, others are those of its steps, from 1 on. */
type ElementOperand = number

export type ElementStep =
  /** f32 numbers from an address on. */
  | { readonly kind: 'load'; readonly address: number; readonly along: Along }
  /** Those that lie some bytes behind the argument. */
  | { readonly kind: 'beside'; readonly bytes: number }
  /** The bits of an f32. */
  | { readonly kind: 'constant'; readonly bits: number }
  | { readonly kind: 'unary'; readonly function: ElementFunction; readonly x: ElementOperand }
  | {
      readonly kind: 'binary'
      readonly function: ElementBinary
      readonly x: ElementOperand
      readonly y: ElementOperand
    }
  /** x where the condition is not 0, else y. */
  | {
      readonly kind: 'select'
      readonly condition: ElementOperand
      readonly x: ElementOperand
      readonly y: ElementOperand
    }

/** Expressions of the elements of a row-major matrix, and the addresses of those that are stored. */
export type ElementProgram = {
  readonly steps: readonly ElementStep[]
  readonly stores: readonly { readonly value: ElementOperand; readonly address: number }[]
}

/** The step that makes a number. */
export function constantStep(value: number): ElementStep {
  return { kind: 'constant', bits: bitsOf(value) }
}

/** The bits of a number as an f32. */
export function bitsOf(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0] ?? 0
}

export function isLongFunction(name: UnaryFunction): name is LongFunction {
  return LONG_FUNCTIONS.some((known) => known === name)
}

export function isElementFunction(name: UnaryFunction): name is ElementFunction {
  return isLongFunction(name) || SHORT_FUNCTIONS.some((known) => known === name)
}

export function isElementBinary(name: BinaryFunction): name is ElementBinary {
  return BINARY_FUNCTIONS.some((known) => known === name)
}
