import { layerOf } from '../layer.ts'
import type { Layer } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import { isKnown } from '../translation.ts'
import type { AppliedNode } from '../translation.ts'
import { untruncated } from '../truncation.ts'
import { along } from '../view.ts'
import type { View } from '../view.ts'
import { gatherAlong } from './shape.ts'

/** Rows of weights by the numbers of a tensor; or neighbors along an axis of a tensor. */
export function gather(operation: AppliedNode): View {
  const [first] = operation.values()
  if (first && !isKnown(first)) return gatherAlong(operation)
  const { shape, data } = operation.requireKnown(0)
  const [input_dim = 0, output_dim = 0] = shape
  if (shape.length !== 2 || operation.node.integer('axis', 0) !== 0)
    throw new Refusal(`weights of [${shape.join(', ')}]`)
  const indices = operation.view(1)
  const made = along(
    indices,
    [],
    (x) =>
      layerOf('embedding', [untruncated(unbounded(x, input_dim))], {
        options: { input_dim, output_dim },
        weights: { embeddings: Float32Array.from(data) },
        label: operation.label(0),
      }),
    1,
  )
  return made.view([...indices.axes.map(made.kept), ...made.own])
}

/** A layer without the bounds of its numbers where these are the rows: an embedding has them itself. */
function unbounded(x: Layer, rows: number): Layer {
  const { type, options, from } = x
  const [source] = from
  const bound = options['activation']
  const isBound =
    type === 'activation' &&
    typeof bound === 'object' &&
    bound !== null &&
    'max_value' in bound &&
    bound.max_value === rows - 1
  return isBound && source ? source : x
}
