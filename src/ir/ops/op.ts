import type { ExpressionBuilder } from '../expression-builder.ts'
import type { Op, Operation, TensorType, Value } from '../ir.ts'

/** The ways in which a loop nest may take part in an operation. */
export type OpKind =
  /** Data that comes from outside the program. */
  | 'source'
  /** Each element follows from the elements of the operands at its place. */
  | 'elementwise'
  /** Elements of the operand, read at an offset or backwards. */
  | 'shifted'
  /** The operand's elements in their order: the same memory. */
  | 'alias'
  /** Elements of the operand, which loops read where they are: each several times or in another order. */
  | 'indexing'
  /** Elements that follow from their place alone. */
  | 'count'
  | 'reduction'
  /** A matrix product or a convolution: its kernel is made of multiplications and additions. */
  | 'product'
  /** A program that runs step by step. */
  | 'loop'
  /** Anything else that has a kernel of its own. */
  | 'anchor'

/** An operand and the gradient of the scalar to it, which is appended when it is asked for. */
export type Slopes = readonly (readonly [operand: Value, gradient: () => Value])[]

/** All that the program's transformations know of an op. */
export type OpRecord<K extends Op> = {
  readonly kind: OpKind
  readonly operands: (operation: Operation<K>) => readonly Value[]
  /** The same operation on other operands, which are changed in order. */
  readonly withOperands: (operation: Operation<K>, change: (operand: Value) => Value) => Operation<K>
  /** The type of the result; throws where the shapes of the operands do not fit. */
  readonly type: (operation: Operation<K>) => TensorType
  /** The operands that dy, the gradient to the value, flows on to. */
  readonly gradient: (b: ExpressionBuilder, value: Value<K>, dy: Value) => Slopes
  /** Name and attributes as text; operations of one text on the same operands with one type are equal. */
  readonly print: (value: Value<K>) => readonly string[]
}

/** The operands of an operation that have these names. */
export function over<N extends string>(...names: readonly N[]) {
  type WithNames = Readonly<Record<N, Value>>
  return {
    operands: (operation: WithNames): readonly Value[] => names.map((name) => operation[name]),
    withOperands: <O extends WithNames>(operation: O, change: (operand: Value) => Value): O => {
      const changed: Partial<Record<N, Value>> = {}
      for (const name of names) changed[name] = change(operation[name])
      return { ...operation, ...changed }
    },
  }
}

export const withoutOperands = {
  operands: (): readonly Value[] => [],
  withOperands: <O>(operation: O): O => operation,
}

/** No gradient flows to any operand. */
export function flat(): Slopes {
  return []
}

export function nameOnly({ op }: Value): string[] {
  return [op]
}
