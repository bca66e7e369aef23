// The graph in the file of a model. Symbols: onnx.ModelProto, onnx.GraphProto, onnx.NodeProto.
import { RunError } from '../../../errors.ts'
import { ProtobufMessage } from '../../../protobuf.ts'
import { Refusal } from './refusal.ts'
import type { Refused } from './refusal.ts'
import { scalar, tensorOf } from './tensor.ts'
import type { ReadExternal, KnownTensor } from './tensor.ts'

/** An input or output: its type of elements, if it is a tensor, and its axes, undefined where any length fits. */
export type OnnxValue = {
  readonly name: string
  readonly type: number | undefined
  readonly axes: readonly (number | undefined)[]
}

export type OnnxGraph = {
  /** Each after those that make what it takes, as the format asks for. */
  readonly nodes: readonly OnnxNode[]
  readonly constants: ReadonlyMap<string, KnownTensor | Refused>
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
}

/** The names of the set of operators that ONNX itself has. */
const OWN_OPERATORS: ReadonlySet<string> = new Set(['', 'ai.onnx'])

/** The version since which tensors of different shapes are brought to one as everywhere, and nodes do not train by default. */
const OLDEST_VERSION = 7

/** An operator that is applied. */
export class OnnxNode {
  /** Its name; behind that of its set of operators, where that is not the one of ONNX itself. */
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** The version of the operators. */
  readonly version: number
  readonly #attributes: ReadonlyMap<string, ProtobufMessage>

  constructor(message: ProtobufMessage, version: number) {
    this.inputs = message.texts(1)
    this.outputs = message.texts(2)
    this.name = message.text(3) || (this.outputs[0] ?? '')
    const [op = '', domain = ''] = [message.text(4), message.text(7)]
    this.op = OWN_OPERATORS.has(domain) ? op : `${domain}.${op}`
    this.version = version
    this.#attributes = new Map(message.messages(5).map((one) => [one.text(1) ?? '', one]))
  }

  has(name: string): boolean {
    return this.#attributes.has(name)
  }

  integer(name: string, absent: number): number {
    return this.#attributes.get(name)?.number(3) ?? absent
  }

  float(name: string, absent: number): number {
    const bytes = this.#attributes.get(name)?.bytes(2).at(-1)
    return bytes ? Buffer.from(bytes).readFloatLE() : absent
  }

  text(name: string, absent: string): string {
    return this.#attributes.get(name)?.text(4) ?? absent
  }

  integers(name: string): number[] | undefined {
    return this.#attributes.get(name)?.numbers(8)
  }

  texts(name: string): string[] | undefined {
    return this.#attributes.get(name)?.texts(9)
  }

  /** The value of a node that is a constant. */
  constant(): KnownTensor | undefined {
    const value = this.#attributes.get('value')?.message(5)
    if (value) return tensorOf(value, `node ${this.name}`, noExternal)
    if (this.has('value_float')) return scalar(this.float('value_float', NaN))
    if (this.has('value_int')) return { ...scalar(this.integer('value_int', NaN)), isWhole: true }
    const list = this.integers('value_ints')
    return list && { shape: [list.length], data: Float64Array.from(list), isWhole: true }
  }
}

function noExternal(location: string): never {
  throw new RunError(`a constant is in the file ${location}`)
}

/** Reads the bytes of a model. */
export function readGraph(bytes: Uint8Array, external: ReadExternal): OnnxGraph {
  const model = new ProtobufMessage(bytes)
  const graph = model.message(7)
  if (graph === undefined) throw new RunError('the file has no graph')
  if (model.messages(25).length > 0)
    throw new RunError('it has functions of its own, which nnlab does not read')
  const sets = model.messages(8)
  const version = sets.find((set) => OWN_OPERATORS.has(set.text(1) ?? ''))?.number(2) ?? 1
  if (version < OLDEST_VERSION)
    throw new RunError(
      `its operators are those of version ${version}, and nnlab reads those of ${OLDEST_VERSION} and later`,
    )
  const constants = new Map<string, KnownTensor | Refused>()
  for (const tensor of graph.messages(5)) {
    const name = tensor.text(8) ?? ''
    constants.set(name, constantOf(tensor, name, external))
  }
  return {
    nodes: requireOnce(graph.messages(1).map((node) => new OnnxNode(node, version))),
    constants,
    inputs: graph
      .messages(11)
      .map(valueOf)
      .filter(({ name }) => !constants.has(name)),
    outputs: graph.messages(12).map(valueOf),
  }
}

/** A tensor; strings, which labels are made of, are no concern of a network. */
function constantOf(tensor: ProtobufMessage, name: string, external: ReadExternal): KnownTensor | Refused {
  try {
    return tensorOf(tensor, name, external)
  } catch (error) {
    if (error instanceof Refusal) return { refused: error.message }
    throw error
  }
}

function valueOf(message: ProtobufMessage): OnnxValue {
  const tensor = message.message(2)?.message(1)
  const axes = tensor?.message(2)?.messages(1) ?? []
  return {
    name: message.text(1) ?? '',
    type: tensor?.number(1),
    axes: axes.map((axis) => {
      const length = axis.number(1)
      return length !== undefined && length > 0 ? length : undefined
    }),
  }
}

/** Throws where a value is made twice. */
function requireOnce(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const made = new Set<string>()
  for (const name of nodes.flatMap(({ outputs }) => outputs)) {
    if (name !== '' && made.has(name)) throw new RunError(`two nodes make the value ${name}`)
    made.add(name)
  }
  return nodes
}
