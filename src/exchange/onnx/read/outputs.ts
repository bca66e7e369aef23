import type { Refuse } from '../../format.ts'
import type { OnnxGraph, OnnxValue } from './graph.ts'
import type { Layer } from './layer.ts'
import { Refusal } from './refusal.ts'
import { inOrder } from './simplify.ts'
import { FLOAT_TYPES } from './tensor.ts'
import { isKnown, isView } from './translation.ts'
import type { GraphValue, Translation } from './translation.ts'
import { TRUNCATED } from './truncation.ts'
import { arranged, BATCH } from './view.ts'
import type { View } from './view.ts'

/** An output of a graph, and the layer that yields it. */
export type ReadOutput = {
  readonly value: OnnxValue
  readonly layer: Layer
  /** The place in the file's tensor of each axis that nnlab has, the batch first. */
  readonly order: readonly number[]
}

/**
 * The outputs that are numbers of the network. Where inputs have their channels last, outputs have; in other networks, axes are
 * as the file has them.
 */
export function outputsOf(
  graph: OnnxGraph,
  translation: Translation,
  isTurned: boolean,
  refuse: Refuse,
): { readonly outputs: readonly ReadOutput[]; readonly left: readonly string[] } {
  /** By their names, the reason why there is no layer for them. */
  const left = new Map<string, string>()
  const outputs = graph.outputs.flatMap((value): ReadOutput[] => {
    const found = withFractions(translation.value(value.name))
    try {
      if (isView(found)) return [{ value, ...rowsOf(found, isTurned) }]
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refuse(`output ${value.name}: ${error.message}`)
      return []
    }
    // A network yields numbers; what is of another type are labels.
    const reason = isKnown(found) ? `output ${value.name}: a constant` : found.refused
    if (FLOAT_TYPES.has(value.type)) refuse(reason)
    else left.set(value.name, reason)
    return []
  })
  if (outputs.length === 0 && left.size === graph.outputs.length) {
    refuse('it has no output of numbers')
    for (const reason of left.values()) refuse(reason)
  }
  return { outputs, left: [...left.keys()] }
}

/** The value; refused where fractions are cut off on the way to it. */
function withFractions(value: GraphValue): GraphValue {
  const cut = isView(value) ? inOrder([value.layer]).find(({ type }) => type === TRUNCATED) : undefined
  return cut
    ? { refused: `node ${cut.label}, Cast: nnlab does not cut off the fractions of computed numbers` }
    : value
}

function rowsOf(view: View, isTurned: boolean): Pick<ReadOutput, 'layer' | 'order'> {
  const { axes, lengths } = view
  const all = axes.map((_, axis) => axis)
  const channelsFirst = [0, axes.length - 1, ...all.slice(1, -1)]
  const isImage =
    axes.length > 2 && axes.length === lengths.length && axes.join(' ') === channelsFirst.join(' ')
  if (isTurned && isImage)
    return {
      layer: arranged(
        view,
        lengths.map((_, axis) => [axis]),
      ),
      order: [0, ...all.slice(2), 1],
    }
  const batch = axes.findIndex((group) => group.length === 1 && group[0] === BATCH)
  const order = batch < 0 ? all : [batch, ...all.toSpliced(batch, 1)]
  return {
    layer: arranged(
      view,
      order.map((axis) => axes[axis] ?? []),
    ),
    order,
  }
}
