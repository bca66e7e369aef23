import { ExpressionBuilder } from './expression-builder.ts'
import type { DType, Operation, Program, Shape, TensorType, Value } from './ir.ts'
import { typeOf } from './ops/index.ts'

/**
 * Appends operations to a program. A shape that does not fit is a bug of the caller and throws: configs are checked
 * by shape inference before anything is built.
 */
export class Builder extends ExpressionBuilder {
  readonly #values: Value[] = []
  readonly #inputs = new Map<string, Value>()

  program(outputs: Iterable<readonly [string, Value]>): Program {
    return { values: [...this.#values], inputs: new Map(this.#inputs), outputs: new Map(outputs) }
  }

  input(name: string, shape: Shape, dtype: DType = 'f32'): Value {
    if (this.#inputs.has(name)) throw new Error(`the program has two inputs named ${name}`)
    const value = this.append({ op: 'input', name, shape, dtype })
    this.#inputs.set(name, value)
    return value
  }

  override append(operation: Operation): Value {
    return this.keep({ ...operation, ...typeOf(operation) })
  }

  /** Appends an operation with its type. */
  protected keep(operation: Operation & TensorType): Value {
    const value = { ...operation, id: this.#values.length }
    this.#values.push(value)
    return value
  }
}
