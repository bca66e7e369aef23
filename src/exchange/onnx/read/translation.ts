// A graph as layers: node by node, each value becomes known numbers, a view of a layer, or a reason why it is neither.
import { RunError } from '../../../errors.ts'
import type { OnnxGraph, OnnxNode } from './graph.ts'
import { evaluate, yieldsWhole } from './evaluate.ts'
import { Refusal } from './refusal.ts'
import type { Refused } from './refusal.ts'
import { shapeOf } from './view.ts'
import type { View } from './view.ts'
import { isWholeType } from './tensor.ts'
import type { KnownTensor } from './tensor.ts'

/** Elements that computed tensors may have in all: this number, and each weight this often. */
const LEAST_ELEMENTS = 2 ** 24
const COPIES = 4

/** Operators that make whole numbers of whole numbers. */
const KEEPS_WHOLE: ReadonlySet<string> = new Set([
  'Abs',
  'Add',
  'Cast',
  'Clip',
  'Concat',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Max',
  'Min',
  'Mul',
  'Neg',
  'Pad',
  'ReduceMax',
  'ReduceMin',
  'ReduceSum',
  'Relu',
  'Reshape',
  'Slice',
  'Split',
  'Squeeze',
  'Sub',
  'Sum',
  'Transpose',
  'Unsqueeze',
])

/** A value of a graph. */
export type GraphValue = KnownTensor | View | Refused

export function isKnown(value: GraphValue): value is KnownTensor {
  return 'data' in value
}

export function isView(value: GraphValue): value is View {
  return 'layer' in value
}

/** A node with what it takes. */
export class AppliedNode {
  readonly node: OnnxNode
  readonly translation: Translation

  constructor(node: OnnxNode, translation: Translation) {
    this.node = node
    this.translation = translation
  }

  /** An input that some layer makes. */
  view(at = 0): View {
    const value = this.#value(at)
    if (value && isView(value)) return value
    // What is refused beside a constant is the reason that it stands here.
    this.values()
    throw new Refusal(`its input ${at + 1} is a constant`)
  }

  /** Numbers that are known; undefined where the input is left out. */
  known(at: number): KnownTensor | undefined {
    const value = this.#value(at)
    if (value === undefined || isKnown(value)) return value
    throw new Refusal(`its input ${at + 1} is not a constant`)
  }

  requireKnown(at: number): KnownTensor {
    const tensor = this.known(at)
    if (tensor) return tensor
    throw new Refusal(`it has no input ${at + 1}`)
  }

  /** The inputs behind the first, as far as they are known. */
  knownInputs(): (KnownTensor | undefined)[] {
    return this.node.inputs.map((_, at) => (at === 0 ? undefined : this.known(at)))
  }

  /** All inputs. */
  values(): GraphValue[] {
    return this.node.inputs.flatMap((_, at) => this.#value(at) ?? [])
  }

  /** The name of a layer whose weights an input holds, where the name of the input tells it. */
  label(at: number): string | undefined {
    return /^(?<layer>[A-Za-z][\w.-]*?)[./](?:weight|kernel|embeddings|gamma|depthwise_kernel)$/.exec(
      this.node.inputs[at] ?? '',
    )?.groups?.['layer']
  }

  /** True where an input is of a type of whole numbers. */
  isWhole(at: number): boolean {
    return this.translation.isWhole(this.node.inputs[at] ?? '')
  }

  /** True where an input has whole numbers alone, whatever its type is. */
  hasWholeNumbers(at: number): boolean {
    return this.translation.hasWholeNumbers(this.node.inputs[at] ?? '')
  }

  get batch(): number {
    return this.translation.batch
  }

  #value(at: number): GraphValue | undefined {
    const name = this.node.inputs[at] ?? ''
    const value = name === '' ? undefined : this.translation.value(name)
    if (value && 'refused' in value) throw new Cause(value)
    return value
  }
}

/** The reason why an input is refused: its reader is refused for the same. */
class Cause extends Error {
  readonly refused: Refused

  constructor(refused: Refused) {
    super(refused.refused)
    this.refused = refused
  }
}

/** Results of an operator, in order. */
export type Translate = (operation: AppliedNode) => GraphValue | readonly GraphValue[]

export class Translation {
  /** The rows that the graph is followed for. */
  readonly batch: number
  /** The place of the node that makes a value. */
  readonly makers: ReadonlyMap<string, number>
  readonly nodes: readonly OnnxNode[]
  readonly #values: Map<string, GraphValue>
  /** The values of types of whole numbers, and those that have whole numbers alone. */
  readonly #whole: Set<string>
  readonly #wholeNumbers: Set<string>
  /** Elements that computed tensors may still have. */
  #left: number

  constructor(graph: OnnxGraph, inputs: ReadonlyMap<string, View>, batch: number) {
    this.batch = batch
    this.nodes = graph.nodes
    this.makers = new Map(
      graph.nodes.flatMap(({ outputs }, at) => outputs.map((name) => [name, at] as const)),
    )
    this.#values = new Map<string, GraphValue>([...graph.constants, ...inputs])
    this.#whole = new Set(
      graph.inputs.flatMap(({ name, type = 0 }) => (inputs.has(name) && isWholeType(type) ? [name] : [])),
    )
    this.#wholeNumbers = new Set(this.#whole)
    const weights = [...graph.constants.values()].filter((value) => 'data' in value)
    this.#left = LEAST_ELEMENTS + COPIES * weights.reduce((sum, { data }) => sum + data.length, 0)
  }

  value(name: string): GraphValue {
    return this.#values.get(name) ?? { refused: `${name}: nothing makes this value` }
  }

  /** True for a value of a type of whole numbers. */
  isWhole(name: string): boolean {
    const value = this.value(name)
    return isKnown(value) ? value.isWhole === true : this.#whole.has(name)
  }

  /** True for a value that has whole numbers alone, whatever its type is. */
  hasWholeNumbers(name: string): boolean {
    const value = this.value(name)
    return isKnown(value) ? value.data.every(Number.isInteger) : this.#wholeNumbers.has(name)
  }

  /** Follows all nodes, each by what `find` has for its operator. */
  run(find: (node: OnnxNode) => Translate | undefined): void {
    for (const node of this.nodes) {
      const results = this.#results(node, find(node))
      const isWhole = yieldsWhole(node, (at) => this.isWhole(node.inputs[at] ?? ''))
      const hasWholeNumbers = isWhole || this.#keepsWhole(node)
      const list: readonly GraphValue[] = [results].flat()
      const [first] = list
      node.outputs.forEach((name, i) => {
        const left = { refused: `node ${node.name}: output ${i + 1} of ${node.op}` }
        const value = list[i] ?? (first && 'refused' in first ? first : left)
        if (name === '') return
        this.#values.set(name, value)
        if (isWhole) this.#whole.add(name)
        if (hasWholeNumbers) this.#wholeNumbers.add(name)
      })
    }
  }

  #keepsWhole(node: OnnxNode): boolean {
    const given = node.inputs.filter((name) => name !== '')
    const bounds = ['min', 'max', 'value'].map((name) => node.float(name, 0))
    return (
      KEEPS_WHOLE.has(node.op) &&
      bounds.every(Number.isInteger) &&
      given.every((name) => this.hasWholeNumbers(name))
    )
  }

  /** Keeps the memory that computed tensors take within what the file explains. */
  #spend(tensors: readonly KnownTensor[] | undefined): readonly KnownTensor[] | undefined {
    this.#left -= (tensors ?? []).reduce((sum, { data }) => sum + data.length, 0)
    if (this.#left < 0) throw new RunError('its constants take more memory than its weights explain')
    return tensors
  }

  #results(node: OnnxNode, translate: Translate | undefined): GraphValue | readonly GraphValue[] {
    const describe = (reason: string): Refused => ({ refused: `node ${node.name}, ${node.op}: ${reason}` })
    try {
      const values = node.inputs.map((name) => (name === '' ? undefined : this.value(name)))
      const tensors = values.map((value) => (value && isKnown(value) ? value : undefined))
      if (values.every((value) => value === undefined || isKnown(value)))
        return this.#spend(evaluate(node, tensors)) ?? describe('nnlab has no such operator')
      const [first] = values
      if (first && isView(first) && (node.op === 'Shape' || node.op === 'Size'))
        return evaluate(node, [{ shape: shapeOf(first), data: new Float64Array() }]) ?? []
      return translate?.(new AppliedNode(node, this)) ?? describe('nnlab has no such operator')
    } catch (error) {
      if (error instanceof Cause) return error.refused
      if (error instanceof Refusal) return describe(error.message)
      throw error
    }
  }
}
