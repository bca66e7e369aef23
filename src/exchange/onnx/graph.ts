// Graphs as ONNX writes them (onnx/onnx.proto of ONNX 1.12: IR version 8, operator set 17).
import { bytesOf } from '../../bytes-of.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { ProtobufFloat, message } from '../../protobuf.ts'
import type { MessageField } from '../../protobuf.ts'

const IR_VERSION = 8
const OPERATOR_SET = 17

/** Types of elements. Symbol: onnx.TensorProto.DataType. */
export const ElementType = { float: 1, int32: 6, int64: 7, bool: 9 } as const
export type ElementType = (typeof ElementType)[keyof typeof ElementType]

/** The name of the axis of rows. */
const BATCH = 'batch'

/** An attribute of a node: whole numbers, a float, or a graph. */
type Attribute = number | readonly number[] | ProtobufFloat | Uint8Array

type Attributes = Readonly<Record<string, Attribute>>

/** Nodes, constants, inputs and outputs of a graph, each known by its name. */
export class GraphWriter {
  readonly #nodes: Uint8Array[] = []
  readonly #initializers: Uint8Array[] = []
  readonly #inputs: Uint8Array[] = []
  readonly #outputs: Uint8Array[] = []
  readonly #constants = new Map<string, string>()
  readonly #names: Names

  constructor(names: Names) {
    this.#names = names
  }

  /** Float32 rows of a shape, of which there may be any number. */
  input(name: string, shape: Shape): void {
    this.#names.take(name)
    this.#inputs.push(valueInfo(name, shape))
  }

  output(name: string, value: string, shape: Shape): void {
    this.#nodes.push(nodeOf('Identity', [value], [name], {}))
    this.#outputs.push(valueInfo(name, shape))
  }

  /** An input of a graph inside another one, of any shape. */
  parameter(type: ElementType): string {
    const name = this.#names.next('Input')
    this.#inputs.push(message([1, name], [2, message([1, message([1, type])])]))
    return name
  }

  /** A float32 output of a graph inside another one. */
  result(value: string): void {
    const name = this.node('Identity', [value])
    this.#outputs.push(message([1, name], [2, message([1, message([1, ElementType.float])])]))
  }

  /** The result of an operator. */
  node(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.nodes(type, 1, inputs, attributes)[0] ?? ''
  }

  /** The results of an operator that has several. */
  nodes(type: string, count: number, inputs: readonly string[], attributes: Attributes): string[] {
    const results = Array.from({ length: count }, () => this.#names.next(type))
    this.#nodes.push(nodeOf(type, inputs, results, attributes))
    return results
  }

  initializer(name: string, shape: Shape, data: Float32Array | Int32Array | BigInt64Array): string {
    this.#initializers.push(tensorOf(name, shape, data))
    return name
  }

  /** A tensor of known numbers; equal ones are written once. */
  constant(shape: Shape, data: Float32Array | Int32Array | BigInt64Array): string {
    const key = `${typeOf(data)} [${shape.join()}] ${data.join()}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = this.initializer(this.#names.next('Constant'), shape, data)
    this.#constants.set(key, name)
    return name
  }

  /** Whole numbers that an operator takes as an input. */
  integers(values: readonly (number | bigint)[]): string {
    return this.constant([values.length], BigInt64Array.from(values, BigInt))
  }

  /** The file of a model of this graph. */
  model(name: string, producer: string): Uint8Array {
    const sets = message([2, OPERATOR_SET])
    return message([1, IR_VERSION], [2, producer], [7, this.bytes(name)], [8, sets])
  }

  /** This graph as a message. */
  bytes(name: string): Uint8Array {
    return message(
      ...repeated(1, this.#nodes),
      [2, name],
      ...repeated(5, this.#initializers),
      ...repeated(11, this.#inputs),
      ...repeated(12, this.#outputs),
    )
  }

  /** A graph inside this one, which sees the values of this one. */
  inner(): GraphWriter {
    return new GraphWriter(this.#names)
  }
}

/** The names of values, each of which is taken once. */
export class Names {
  readonly #taken: Set<string>
  #count = 0

  constructor(taken: Iterable<string>) {
    this.#taken = new Set(taken)
  }

  take(name: string): void {
    this.#taken.add(name)
  }

  /** A name that nothing has. */
  next(type: string): string {
    do this.#count += 1
    while (this.#taken.has(`${type}_${this.#count}`))
    return `${type}_${this.#count}`
  }
}

function nodeOf(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes,
): Uint8Array {
  return message(
    ...repeated(1, inputs),
    ...repeated(2, outputs),
    [3, outputs[0] ?? ''],
    [4, type],
    ...Object.entries(attributes).map(([name, value]): MessageField => [5, attributeOf(name, value)]),
  )
}

function attributeOf(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return message([1, name], [3, value], [20, 2])
  if (value instanceof ProtobufFloat) return message([1, name], [2, value], [20, 1])
  if (value instanceof Uint8Array) return message([1, name], [6, value], [20, 5])
  return message([1, name], ...value.map((one): MessageField => [8, one]), [20, 7])
}

function tensorOf(name: string, shape: Shape, data: Float32Array | Int32Array | BigInt64Array): Uint8Array {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for [${shape.join(', ')}]`)
  return message([1, shape], [2, typeOf(data)], [8, name], [9, bytesOf(data)])
}

function typeOf(data: Float32Array | Int32Array | BigInt64Array): ElementType {
  if (data instanceof Float32Array) return ElementType.float
  return data instanceof Int32Array ? ElementType.int32 : ElementType.int64
}

function valueInfo(name: string, shape: Shape): Uint8Array {
  const axes = [message([2, BATCH]), ...shape.map((length) => message([1, length]))]
  const tensor = message([1, ElementType.float], [2, message(...repeated(1, axes))])
  return message([1, name], [2, message([1, tensor])])
}

function repeated(number: number, values: readonly (string | Uint8Array)[]): MessageField[] {
  return values.map((value) => [number, value])
}
