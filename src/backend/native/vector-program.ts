// Straight-line programs on vectors: values that are made once, in order, and the registers that hold them.

import { bitsOf } from '../plan/element-program.ts'
import type { Memory } from './assembler.ts'

/** A value of a program, by its number. */
export type VectorValue = number

/** The bits of a number that all lanes hold. */
export type Bits = { readonly bits: number }

export type VectorOperand = VectorValue | Bits

export function float(value: number): Bits {
  return { bits: bitsOf(value) }
}

/** to = op(x, y). `minimum` and `maximum` are y where one of the two is NaN; `andNot` is (not x) and y. */
type BinaryOperation =
  | 'add' | 'subtract' | 'multiply' | 'divide' | 'minimum' | 'maximum'
  | 'and' | 'andNot' | 'or' | 'xor' | 'addIntegers' | 'subtractIntegers' // prettier-ignore
type UnaryOperation = 'squareRoot' | 'toIntegers' | 'fromIntegers' | 'nearest'
type ShiftOperation = 'left' | 'rightSigned'
type VectorComparison = 'equal' | 'less' | 'atMost'

export type Step =
  | { readonly kind: 'constant'; readonly y: Bits }
  /** `spread`: one number for all lanes. */
  | { readonly kind: 'load'; readonly from: Memory; readonly spread: boolean }
  | { readonly kind: 'unary'; readonly name: UnaryOperation; readonly y: VectorOperand }
  | {
      readonly kind: 'binary'
      readonly name: BinaryOperation
      readonly x: VectorValue
      readonly y: VectorOperand
    }
  | {
      readonly kind: 'shift'
      readonly name: ShiftOperation
      readonly x: VectorValue
      readonly by: number
    }
  | {
      readonly kind: 'compare'
      readonly name: VectorComparison
      readonly x: VectorValue
      readonly y: VectorOperand
    }
  | { readonly kind: 'choose'; readonly z: VectorValue; readonly x: VectorValue; readonly y: VectorValue }
  | {
      readonly kind: 'multiplyAdd'
      readonly x: VectorValue
      readonly y: VectorOperand
      readonly z: VectorOperand
    }

/** A program of one argument, value 0. */
export class VectorProgram {
  readonly steps: Step[] = []

  load(from: Memory, spread: boolean): VectorValue {
    return this.#append({ kind: 'load', from, spread })
  }

  unary(name: UnaryOperation, y: VectorOperand): VectorValue {
    return this.#append({ kind: 'unary', name, y })
  }

  binary(name: BinaryOperation, x: VectorOperand, y: VectorOperand): VectorValue {
    return this.#append({ kind: 'binary', name, x: this.value(x), y })
  }

  shift(name: ShiftOperation, x: VectorValue, by: number): VectorValue {
    return this.#append({ kind: 'shift', name, x, by })
  }

  /** All ones in the lanes where it holds. */
  compare(name: VectorComparison, x: VectorOperand, y: VectorOperand): VectorValue {
    return this.#append({ kind: 'compare', name, x: this.value(x), y })
  }

  /** x in the lanes that are all ones in the mask, y in the others. */
  choose(mask: VectorValue, x: VectorOperand, y: VectorOperand): VectorValue {
    return this.#append({ kind: 'choose', z: mask, x: this.value(x), y: this.value(y) })
  }

  /** x * y + z, of which y or z may be a number. */
  multiplyAdd(x: VectorValue, y: VectorOperand, z: VectorOperand): VectorValue {
    return this.#append({ kind: 'multiplyAdd', x, y, z })
  }

  /** The polynomial in x by Horner's rule, highest power first. */
  polynomial(x: VectorValue, [first = 0, second = 0, ...rest]: readonly number[]): VectorValue {
    const start = this.multiplyAdd(x, float(first), this.value(float(second)))
    return rest.reduce<VectorValue>((sum, coefficient) => this.multiplyAdd(sum, x, float(coefficient)), start)
  }

  /** A number as a value. */
  value(operand: VectorOperand): VectorValue {
    return typeof operand === 'number' ? operand : this.#append({ kind: 'constant', y: operand })
  }

  #append(step: Step): VectorValue {
    return this.steps.push(step)
  }
}

/** The values that a step reads. */
export function operandsOf(step: Step): VectorValue[] {
  const operands: (VectorOperand | undefined)[] = [
    'x' in step ? step.x : undefined,
    'y' in step ? step.y : undefined,
    'z' in step ? step.z : undefined,
  ]
  return operands.filter((operand) => typeof operand === 'number')
}
