// Recurrent layers as the operators that ONNX has for them: onnx.ai/onnx/operators, RNN, LSTM and GRU.
import * as z from 'zod'

import { directions } from '../../components/layers/bidirectional.ts'
import type { Shape } from '../../ir/ir.ts'
import type { GraphNode } from '../../model/graph.ts'
import type { Weights } from '../../model/weights.ts'
import { required } from '../../step/step-program.ts'
import type { GraphWriter } from './graph.ts'

/** The operator of each layer, and the layer's gates in the operator's order. */
export const OPERATORS = {
  simple_rnn: { operator: 'RNN', gates: [0] },
  lstm: { operator: 'LSTM', gates: [0, 3, 1, 2] },
  gru: { operator: 'GRU', gates: [0, 1, 2] },
} as const

/** An activation by its name in ONNX, where these are its options. */
function activation(type: string, name: string, options: Readonly<Record<string, z.ZodType>> = {}) {
  return z.strictObject({ type: z.literal(type), ...options }).transform(() => name)
}

const Activation = z.union([
  activation('sigmoid', 'Sigmoid'),
  activation('softplus', 'Softplus'),
  activation('softsign', 'Softsign'),
  activation('tanh', 'Tanh'),
  activation('relu', 'Relu', { negative_slope: z.literal(0), max_value: z.null(), threshold: z.literal(0) }),
])

const RecurrentCell = z.object({
  type: z.enum(['simple_rnn', 'lstm', 'gru']),
  units: z.int(),
  activation: Activation,
  recurrent_activation: Activation.optional(),
  use_bias: z.boolean(),
  reset_after: z.boolean().default(false),
  return_sequences: z.boolean(),
  go_backwards: z.boolean(),
})
type RecurrentCell = z.output<typeof RecurrentCell>

const Wrapped = z.looseObject({ type: z.string() })
const Both = z.object({
  type: z.literal('bidirectional'),
  layer: Wrapped,
  backward_layer: Wrapped.nullable(),
  merge_mode: z.enum(['concat', 'sum', 'mul', 'ave']),
})

/** Writes a layer whose input is a tensor [rows, steps, features]; returns the name of its output. */
export type WriteLayer = (graph: GraphWriter, x: string) => string

/** Returns what writes a layer as operators; undefined for a layer that they do not express. */
export function recurrentLayer(node: GraphNode, weights: Weights): WriteLayer | undefined {
  const writer = (config: unknown, prefix: string): WriteCell | undefined => {
    const { data: cell } = RecurrentCell.safeParse(config)
    return (
      cell &&
      ((graph, x, isTurned) => writeCell(graph, x, cell, isTurned, cellWeights(cell, weights, prefix)))
    )
  }
  const owner = node.shares ?? node.name
  const alone = writer(node.config, owner)
  if (alone) return (graph, x) => alone(graph, x, false)
  const { data: both } = Both.safeParse(node.config)
  const [first, second] = both ? directions(both) : []
  const forward = writer(first, `${owner}/forward_layer`)
  const backward = writer(second, `${owner}/backward_layer`)
  if (!both || !forward || !backward) return undefined
  // Keras turns the sequence of the backward layer round again.
  return (graph, x) => merge(graph, both.merge_mode, forward(graph, x, false), backward(graph, x, true))
}

/** Writes a cell over the steps of x; a sequence is in the order of processing, or turned round. */
type WriteCell = (graph: GraphWriter, x: string, isTurned: boolean) => string

/** The kernel, the recurrent kernel and the bias. */
type CellWeights = readonly { readonly name: string; readonly shape: Shape; readonly data: Float32Array }[]

function writeCell(
  graph: GraphWriter,
  x: string,
  cell: RecurrentCell,
  isTurned: boolean,
  weights: CellWeights,
): string {
  const { operator, gates } = OPERATORS[cell.type]
  const inputs = [graph.node('Transpose', [x], { perm: [1, 0, 2] })]
  for (const { name, shape, data } of weights) inputs.push(graph.initializer(name, shape, data))
  const inner = cell.recurrent_activation ?? cell.activation
  const [sequence = '', last = ''] = graph.nodes(operator, 2, inputs, {
    hidden_size: cell.units,
    direction: cell.go_backwards ? 'reverse' : 'forward',
    // One for the gates, one for the candidate, and an LSTM's for what it shows.
    activations:
      gates.length === 1 ? [inner] : [inner, ...Array<string>(gates.length - 2).fill(cell.activation)],
    ...(cell.type === 'gru' && { linear_before_reset: cell.reset_after ? 1 : 0 }),
  })
  if (!cell.return_sequences) return graph.node('Squeeze', [last, graph.integers([0])])
  const steps = graph.node('Squeeze', [sequence, graph.integers([1])])
  const rows = graph.node('Transpose', [steps], { perm: [1, 0, 2] })
  // The operator leaves the outputs at the steps that they belong to, in either direction.
  return cell.go_backwards === isTurned ? rows : graph.reversed(rows, 1)
}

/** The weights of one direction as ONNX has them: a row a unit of each gate, and biases for the input and the state. */
function cellWeights(cell: RecurrentCell, weights: Weights, prefix: string): CellWeights {
  const { gates } = OPERATORS[cell.type]
  const rows = gates.length * cell.units
  /** The columns of a matrix, gate by gate in the operator's order. */
  const byGate = (columns: Float32Array): Float32Array => {
    const depth = columns.length / rows
    return Float32Array.from({ length: columns.length }, (_, i) => {
      const [row, at] = [Math.floor(i / depth), i % depth]
      const gate = gates[Math.floor(row / cell.units)] ?? 0
      return columns[at * rows + gate * cell.units + (row % cell.units)] ?? NaN
    })
  }
  const matrix = (part: string): { name: string; data: Float32Array } => {
    const name = `${prefix}/${part}`
    return { name, data: byGate(required(weights, name)) }
  }
  const [kernel, recurrent] = [matrix('kernel'), matrix('recurrent_kernel')]
  const bias = { name: `${prefix}/bias`, data: new Float32Array(2 * rows) }
  const own = cell.use_bias ? required(weights, bias.name) : new Float32Array()
  for (let start = 0; start < own.length; start += rows)
    bias.data.set(byGate(own.subarray(start, start + rows)), start)
  return [
    { ...kernel, shape: [1, rows, kernel.data.length / rows] },
    { ...recurrent, shape: [1, rows, cell.units] },
    { ...bias, shape: [1, 2 * rows] },
  ]
}

function merge(
  graph: GraphWriter,
  mode: z.output<typeof Both>['merge_mode'],
  ...both: [string, string]
): string {
  switch (mode) {
    case 'concat':
      return graph.node('Concat', both, { axis: -1 })
    case 'sum':
      return graph.node('Add', both)
    case 'mul':
      return graph.node('Mul', both)
    case 'ave':
      return graph.node('Mul', [graph.node('Add', both), graph.constant([], Float32Array.of(0.5))])
  }
}
