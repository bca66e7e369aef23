import type { BinaryFunction, UnaryFunction } from '../../ir/ir.ts'

/**
 * Numbers of an operand at the elements of a matrix: from one row to the next, and from one column to the next. `moved`:
 * all lie further behind by some bytes for each of an i32 in memory.
 */
export type ElementPlace = {
  readonly row: number
  readonly column: 0 | 1
  readonly moved?: Displacement | undefined
}

/** The address of an i32, and bytes for each of it. */
export type Displacement = { readonly index: number; readonly bytes: number }

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
  | { readonly kind: 'load'; readonly address: number; readonly place: ElementPlace }
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

/** A value that is stored from an address on. */
export type ElementStore = {
  readonly value: ElementOperand
  readonly address: number
  readonly place: ElementPlace
}

/** Expressions of the elements of a matrix, and those that are stored. */
export type ElementProgram = {
  readonly steps: readonly ElementStep[]
  readonly stores: readonly ElementStore[]
  /** Values that take the place of the numbers some bytes behind the argument. */
  readonly changes?: readonly { readonly value: ElementOperand; readonly bytes: number }[]
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
