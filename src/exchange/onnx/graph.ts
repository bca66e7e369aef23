// Graphs as ONNX writes them (onnx/onnx.proto of ONNX 1.12: IR version 8, operator set 17).
import { bytesOf } from '../../bytes-of.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { ProtobufFloat, message } from '../../protobuf.ts'
import type { MessageField } from '../../protobuf.ts'

/** Versions of the format and of the operators; those that take strings apart came later. */
const VERSIONS = { 17: 8, 20: 9 } as const
type OperatorSet = keyof typeof VERSIONS

/** The operators of another set, and its version. */
const ML_OPERATORS: ReadonlySet<string> = new Set(['LabelEncoder'])
const ML_DOMAIN = 'ai.onnx.ml'
const ML_OPERATOR_SET = 3

/** Types of elements. Symbol: onnx.TensorProto.DataType. */
export const ElementType = { float: 1, int32: 6, int64: 7, string: 8, bool: 9, double: 11 } as const
export type ElementType = (typeof ElementType)[keyof typeof ElementType]

/** The end of a slice that goes down to the first element. */
const SMALLEST = -(2n ** 63n) + 1n

/** The name of the axis of rows. */
const BATCH = 'batch'

/** An attribute of a node: whole numbers, strings, a float, or a graph. */
type Attribute = number | readonly number[] | string | readonly string[] | ProtobufFloat | Uint8Array

type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array

type Attributes = Readonly<Record<string, Attribute>>

/** Nodes, constants, inputs and outputs of a graph, each known by its name. */
export class GraphWriter {
  readonly #nodes: Uint8Array[] = []
  readonly #initializers: Uint8Array[] = []
  readonly #inputs: Uint8Array[] = []
  readonly #outputs: Uint8Array[] = []
  readonly #constants = new Map<string, string>()
  readonly #names: Names
  readonly #operatorSet: OperatorSet
  #hasMlOperators = false

  constructor(names: Names, operatorSet: OperatorSet = 17) {
    this.#names = names
    this.#operatorSet = operatorSet
  }

  /** Rows of a shape, of which there may be any number. */
  input(name: string, shape: Shape, type: ElementType = ElementType.float): void {
    this.#names.take(name)
    this.#inputs.push(valueInfo(name, shape, type))
  }

  output(name: string, value: string, shape: Shape, type: ElementType = ElementType.float): void {
    this.#nodes.push(nodeOf('Identity', [value], [name], {}))
    this.#outputs.push(valueInfo(name, shape, type))
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
    this.#hasMlOperators ||= ML_OPERATORS.has(type)
    this.#nodes.push(nodeOf(type, inputs, results, attributes))
    return results
  }

  /** The elements along an axis from the last to the first. */
  reversed(x: string, axis: number): string {
    return this.node('Slice', [x, ...[[-1], [SMALLEST], [axis], [-1]].map((list) => this.integers(list))])
  }

  /** A tensor of known numbers under its name, or another one where that is taken. */
  initializer(wanted: string, shape: Shape, data: TensorData): string {
    const name = this.#names.takeLike(wanted)
    this.#initializers.push(tensorOf(name, shape, data))
    return name
  }

  /** A tensor of known numbers; equal ones are written once. */
  constant(shape: Shape, data: TensorData): string {
    const key = `${typeOf(data)} [${shape.join()}] ${data.join()}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = this.initializer(this.#names.next('Constant'), shape, data)
    this.#constants.set(key, name)
    return name
  }

  /** A string for all rows. */
  string(text: string): string {
    const key = `string ${text}`
    const known = this.#constants.get(key)
    if (known !== undefined) return known
    const name = this.#names.next('Constant')
    this.#initializers.push(message([2, ElementType.string], [6, text], [8, name]))
    this.#constants.set(key, name)
    return name
  }

  /** A tensor without the axes that are reduced; in operator set 17, only sums take their axes as an input. */
  reduced(type: string, x: string, axes: readonly number[]): string {
    return type === 'ReduceSum' || this.#operatorSet > 17
      ? this.node(type, [x, this.integers(axes)], { keepdims: 0 })
      : this.node(type, [x], { axes, keepdims: 0 })
  }

  /** Whole numbers that an operator takes as an input. */
  integers(values: readonly (number | bigint)[]): string {
    return this.constant([values.length], BigInt64Array.from(values, BigInt))
  }

  /** The file of a model of this graph, with texts about it by their keys. */
  model(name: string, producer: string, texts: ReadonlyMap<string, string> = new Map()): Uint8Array {
    const sets = [
      message([2, this.#operatorSet]),
      ...(this.#hasMlOperators ? [message([1, ML_DOMAIN], [2, ML_OPERATOR_SET])] : []),
    ]
    const properties = Array.from(texts, ([key, value]) => message([1, key], [2, value]))
    return message(
      [1, VERSIONS[this.#operatorSet]],
      [2, producer],
      [7, this.bytes(name)],
      ...repeated(8, sets),
      ...repeated(14, properties),
    )
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
    return new GraphWriter(this.#names, this.#operatorSet)
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

  /** The name, where nothing has it, else one like it. */
  takeLike(name: string): string {
    const free = this.#taken.has(name) ? this.next(name) : name
    this.take(free)
    return free
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
    ...repeated(7, ML_OPERATORS.has(type) ? [ML_DOMAIN] : []),
    ...Object.entries(attributes).map(([name, value]): MessageField => [5, attributeOf(name, value)]),
  )
}

function attributeOf(name: string, value: Attribute): Uint8Array {
  if (typeof value === 'number') return message([1, name], [3, value], [20, 2])
  if (value instanceof ProtobufFloat) return message([1, name], [2, value], [20, 1])
  if (value instanceof Uint8Array) return message([1, name], [6, value], [20, 5])
  if (typeof value === 'string') return message([1, name], [4, value], [20, 3])
  const [strings, integers] = [value.filter(isString), value.filter(isNumber)]
  if (strings.length > 0) return message([1, name], ...repeated(9, strings), [20, 8])
  return message([1, name], ...integers.map((one): MessageField => [8, one]), [20, 7])
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function tensorOf(name: string, shape: Shape, data: TensorData): Uint8Array {
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} numbers for [${shape.join(', ')}]`)
  return message([1, shape], [2, typeOf(data)], [8, name], [9, bytesOf(data)])
}

function typeOf(data: TensorData): ElementType {
  if (data instanceof Float32Array) return ElementType.float
  if (data instanceof Float64Array) return ElementType.double
  return data instanceof Int32Array ? ElementType.int32 : ElementType.int64
}

function valueInfo(name: string, shape: Shape, type: ElementType): Uint8Array {
  const axes = [message([2, BATCH]), ...shape.map((length) => message([1, length]))]
  const tensor = message([1, type], [2, message(...repeated(1, axes))])
  return message([1, name], [2, message([1, tensor])])
}

function repeated(number: number, values: readonly (string | Uint8Array)[]): MessageField[] {
  return values.map((value) => [number, value])
}
