// Recurrent layers: the way back of ../../recurrent.ts.
import { Refusal } from '../refusal.ts'
import type { OnnxNode } from '../graph.ts'
import { OPERATORS } from '../../recurrent.ts'
import { layerOf } from '../layer.ts'
import type { Layer } from '../layer.ts'
import type { KnownTensor } from '../tensor.ts'
import type { AppliedNode, Translate } from '../translation.ts'
import { arranged } from '../view.ts'
import type { View } from '../view.ts'

type CellType = keyof typeof OPERATORS

/** The activations of nnlab that ONNX has for cells. */
const ACTIVATIONS: ReadonlyMap<string, string> = new Map([
  ['sigmoid', 'sigmoid'],
  ['tanh', 'tanh'],
  ['relu', 'relu'],
  ['softplus', 'softplus'],
  ['softsign', 'softsign'],
])

/** A layer that is the outputs of another from the last step to the first: nnlab has none, but it may be half of one. */
export const REVERSED = 'reversed'

/** One direction of a layer: its options, and the weights that it has by their names. */
type DirectionWeights = {
  readonly options: Readonly<Record<string, unknown>>
  readonly weights: Readonly<Record<string, Float32Array>>
}

export function recurrent(type: CellType): Translate {
  return (operation) => {
    const { node } = operation
    const x = operation.view()
    const [steps = [], batch = [], features = []] = node.integer('layout', 0) === 0 ? x.axes : swapped(x.axes)
    const input = arranged(x, [batch, steps, features])
    requirePlain(operation, input.shape[0] ?? 0)
    const direction = node.text('direction', 'forward')
    const cells = Array.from({ length: direction === 'bidirectional' ? 2 : 1 }, (_, at) =>
      cellOf(operation, type, at),
    )
    const layer = (return_sequences: boolean): Layer =>
      layerIn(direction, type, cells, input, return_sequences)
    const [first] = x.lengths
    const results = [sequences(layer, first ?? 1), last(layer, first ?? 1)]
    return node.integer('layout', 0) === 0 ? results : results.map(batchFirst)
  }
}

function swapped<T>([first, second, ...others]: readonly T[]): T[] {
  return [second, first, ...others].flatMap((one) => (one === undefined ? [] : [one]))
}

/** Layout 1: [batch, steps, directions, units] and [batch, directions, units]. */
function batchFirst({ axes, ...rest }: View): View {
  const batch = axes.findIndex((group) => group[0] === 0)
  return { ...rest, axes: [axes[batch] ?? [], ...axes.toSpliced(batch, 1)] }
}

/** The outputs at all steps, [steps, directions, batch, units]. */
function sequences(layerWith: (sequences: boolean) => Layer, batch: number): View {
  const layer = layerWith(true)
  const [steps = 0, units = 0] = layer.shape
  if (layer.type === 'bidirectional')
    return { layer, lengths: [batch, steps, 2, units / 2], axes: [[1], [2], [0], [3]] }
  return { layer, lengths: [batch, steps, units], axes: [[1], [], [0], [2]] }
}

/** The last outputs, [directions, batch, units]. */
function last(layerWith: (sequences: boolean) => Layer, batch: number): View {
  const layer = layerWith(false)
  const [units = 0] = layer.shape
  if (layer.type === 'bidirectional') return { layer, lengths: [batch, 2, units / 2], axes: [[1], [0], [2]] }
  return { layer, lengths: [batch, units], axes: [[], [0], [1]] }
}

function layerIn(
  direction: string,
  type: CellType,
  [cell, backward]: readonly DirectionWeights[],
  input: Layer,
  return_sequences: boolean,
): Layer {
  const inner = { ...cell?.options, ...(return_sequences && { return_sequences }) }
  if (cell === undefined) throw new Refusal('it has no direction')
  if (backward && JSON.stringify(backward.options) !== JSON.stringify(cell.options))
    throw new Refusal('directions of different activations')
  if (backward) return bidirectional({ type, ...inner }, [cell, backward], input)
  if (direction !== 'reverse') return layerOf(type, [input], { options: inner, weights: cell.weights })
  const layer = layerOf(type, [input], { options: { ...inner, go_backwards: true }, weights: cell.weights })
  return return_sequences ? { ...layer, type: REVERSED, options: {}, from: [layer], weights: {} } : layer
}

function bidirectional(
  layer: object,
  cells: readonly [DirectionWeights, DirectionWeights],
  input: Layer,
  mode = 'concat',
): Layer {
  const weights = cells.flatMap((cell, i) =>
    Object.entries(cell.weights).map(
      ([name, data]) => [`${i === 0 ? 'forward' : 'backward'}_layer/${name}`, data] as const,
    ),
  )
  return layerOf('bidirectional', [input], {
    options: { layer, ...(mode !== 'concat' && { merge_mode: mode }) },
    weights: Object.fromEntries(weights),
  })
}

/** Throws for what a layer of nnlab does not do. */
function requirePlain(operation: AppliedNode, steps: number): void {
  const { node } = operation
  if (node.has('clip')) throw new Refusal('clip')
  if (node.integer('input_forget', 0) !== 0) throw new Refusal('input_forget')
  const isAll = (tensor: KnownTensor | undefined, value: number): boolean =>
    tensor === undefined || tensor.data.every((one) => one === value)
  if (!isAll(operation.known(4), steps)) throw new Refusal('lengths of sequences')
  if (!isAll(operation.known(5), 0) || !isAll(operation.known(6), 0)) throw new Refusal('initial states')
  if (!isAll(operation.known(7), 0)) throw new Refusal('peepholes')
}

function cellOf(operation: AppliedNode, type: CellType, direction: number): DirectionWeights {
  const { node } = operation
  const { gates } = OPERATORS[type]
  const [kernel, recurrentKernel] = [1, 2].map((at) => part(operation.requireKnown(at), direction))
  if (kernel === undefined || recurrentKernel === undefined) throw new Refusal('weights are missing')
  const units = (kernel.shape[0] ?? 0) / gates.length
  const bias = operation.known(3)
  const linearBeforeReset = node.integer('linear_before_reset', 0) !== 0
  const split = type === 'gru' && linearBeforeReset
  const options = {
    units,
    ...functionsOf(node, type, direction),
    ...(type === 'gru' && !linearBeforeReset && { reset_after: false }),
    ...(bias === undefined && { use_bias: false }),
  }
  const columns = (rows: KnownTensor): Float32Array => byColumn(rows, gates, units)
  const weights = { kernel: columns(kernel), recurrent_kernel: columns(recurrentKernel) }
  if (bias === undefined) return { options, weights }
  const both = part(bias, direction).data
  const [own, state] = [both.subarray(0, both.length / 2), both.subarray(both.length / 2)].map((data) =>
    columns({ shape: [data.length, 1], data }),
  )
  if (own === undefined || state === undefined) throw new Refusal('biases are missing')
  const added = split ? Float32Array.of(...own, ...state) : own.map((x, i) => x + (state[i] ?? NaN))
  return { options, weights: { ...weights, bias: added } }
}

/** The share of one direction. */
function part({ shape, data }: KnownTensor, direction: number): KnownTensor {
  const length = data.length / (shape[0] ?? 1)
  return { shape: shape.slice(1), data: data.subarray(direction * length, (direction + 1) * length) }
}

/** Rows, gate by gate in the order of ONNX, as columns in that of nnlab. */
function byColumn(
  { shape: [rows = 0, depth = 0], data }: KnownTensor,
  gates: readonly number[],
  units: number,
): Float32Array {
  const columns = new Float32Array(rows * depth)
  for (let row = 0; row < rows; row++) {
    const column = (gates[Math.floor(row / units)] ?? 0) * units + (row % units)
    for (let at = 0; at < depth; at++) columns[at * rows + column] = data[row * depth + at] ?? NaN
  }
  return columns
}

/** The activations of a direction that differ from the defaults of its layer. */
function functionsOf(node: OnnxNode, type: CellType, direction: number): Readonly<Record<string, string>> {
  const count = type === 'lstm' ? 3 : type === 'gru' ? 2 : 1
  const listed = node.texts('activations') ?? []
  const names = listed.slice(direction * count, (direction + 1) * count).map((name) => {
    const own = ACTIVATIONS.get(name.toLowerCase())
    if (own === undefined) throw new Refusal(`activation ${name}`)
    return own
  })
  const [first, second, third = second] = names
  if (first === undefined) return {}
  if (second !== third) throw new Refusal(`activations ${names.join(', ')}`)
  const [activation, gates] = second === undefined ? [first, undefined] : [second, first]
  return {
    ...(activation !== 'tanh' && { activation }),
    ...(gates !== undefined && gates !== 'sigmoid' && { recurrent_activation: gates }),
  }
}

/** Two directions of one input as a layer; undefined where they are not alike. */
export function bothDirections(forward: Layer, backward: Layer, mode: string): Layer | undefined {
  const [inner] = backward.type === REVERSED ? backward.from : [backward]
  const [input] = forward.from
  if (inner === undefined || input === undefined || inner.from[0] !== input || !(forward.type in OPERATORS))
    return undefined
  const { go_backwards, ...options } = inner.options
  const isAlike = JSON.stringify(options) === JSON.stringify(forward.options) && inner.type === forward.type
  const isTurned = (backward.type === REVERSED) === (forward.options['return_sequences'] === true)
  if (go_backwards !== true || !isAlike || !isTurned) return undefined
  return bidirectional({ type: forward.type, ...forward.options }, [forward, inner], input, mode)
}

/** The outputs of all steps but the last left out, where a layer yields only these then. */
export function lastStep({ layer, lengths, axes }: View, axis: number, start: number): View | undefined {
  const isLast = axes[axis]?.join() === '1' && start === (lengths[1] ?? 0) - 1
  const { type, options, from, weights, label } = layer
  if (!isLast || !(type in OPERATORS) || options['go_backwards'] === true) return undefined
  const { return_sequences: _all, ...rest } = options
  return {
    layer: layerOf(type, from, { options: rest, weights, label }),
    lengths: lengths.toSpliced(1, 1),
    axes: axes.map((group) => group.flatMap((one) => (one === 1 ? [] : [one > 1 ? one - 1 : one]))),
  }
}
