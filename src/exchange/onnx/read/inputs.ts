import type { Refuse } from '../../format.ts'
import { UniqueNames, validName } from '../../layer-names.ts'
import type { OnnxGraph, OnnxNode, OnnxValue } from './graph.ts'
import { inputLayer } from './layer.ts'
import { POINTWISE } from './pointwise.ts'
import { viewOf } from './view.ts'
import type { View } from './view.ts'

/** An input of a graph, and of the model that it becomes. */
export type ReadInput = {
  readonly value: OnnxValue
  readonly view: View
  /** The place in the file's tensor of each axis that nnlab has, the batch first. */
  readonly order: readonly number[]
  /** True where the channels are first in the file, and last here. */
  readonly isTurned: boolean
}

/** The rows that a graph for any number of them is followed for: a number that no other axis is likely to have. */
const ROWS = 7
/** The name of an input that has none. */
const INPUT = 'input'

/** The inputs, and the rows that the graph is for. */
export function inputsOf(
  graph: OnnxGraph,
  refuse: Refuse,
): { readonly inputs: readonly ReadInput[]; readonly batch: number; readonly isFixed: boolean } {
  const batches = graph.inputs.flatMap(({ axes }) => axes[batchAxisOf(axes)] ?? [])
  const [batch = ROWS, ...others] = new Set(batches)
  if (others.length > 0) refuse('inputs of different numbers of rows')
  const names = new UniqueNames()
  const inputs = graph.inputs.map((value): ReadInput => {
    const { name, axes } = value
    const first = batchAxisOf(axes)
    const lengths = axes.map((length, axis) => {
      if (length === undefined && axis !== first) refuse(`input ${name}: an axis of any length`)
      return length ?? 1
    })
    if (axes.length === 0) refuse(`input ${name}: no axes`)
    const isTurned = first === 0 && axes.length > 2 && isTakenWithChannelsFirst(graph, name)
    const rest = lengths.flatMap((_, axis) => (axis === first ? [] : [axis]))
    const order = [first, ...(isTurned ? [...rest.slice(1), ...rest.slice(0, 1)] : rest)]
    const own = graph.inputs.length === 1 ? INPUT : names.give(validName(name))
    const layer = inputLayer(
      own,
      order.slice(1).map((axis) => lengths[axis] ?? 1),
    )
    const view = viewOf(
      layer,
      batch,
      lengths.map((_, axis) => order.indexOf(axis)),
    )
    return { value, view, order, isTurned }
  })
  return { inputs, batch, isFixed: batches.length > 0 }
}

/** The only axis of any length, else the first. */
function batchAxisOf(axes: OnnxValue['axes']): number {
  const [only = 0, ...others] = axes.flatMap((length, axis) => (length === undefined ? [axis] : []))
  return others.length === 0 ? only : 0
}

/** Operators that take [rows, channels, ...spatial]. */
const CHANNELS_FIRST: ReadonlySet<string> = new Set([
  'AveragePool',
  'BatchNormalization',
  'Conv',
  'ConvTranspose',
  'GlobalAveragePool',
  'GlobalMaxPool',
  'InstanceNormalization',
  'MaxPool',
  'Resize',
  'Upsample',
])

/** True where what takes a value, as it is or element by element, takes channels first. */
function isTakenWithChannelsFirst({ nodes }: OnnxGraph, name: string): boolean {
  const passing = new Set([name])
  const passes = ({ op, inputs }: OnnxNode): boolean =>
    (POINTWISE.has(op) || op === 'Pad' || op === 'Dropout') && inputs.some((one) => passing.has(one))
  for (const node of nodes) {
    if (CHANNELS_FIRST.has(node.op) && passing.has(node.inputs[0] ?? '')) return true
    if (passes(node)) for (const output of node.outputs) passing.add(output)
  }
  return false
}
