import { shortestFloat32 } from '../../../shortest-float32.ts'
import { layerOf } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import type { KnownTensor } from '../tensor.ts'
import type { AppliedNode } from '../translation.ts'
import { along, onAxis, placed } from '../view.ts'
import type { View } from '../view.ts'

/** With the moving averages, as in predictions. */
export function batchNormalization(operation: AppliedNode): View {
  const { node } = operation
  const training = node.outputs.slice(1).some((name) => name !== '')
  if (training || node.integer('training_mode', 0) !== 0) throw new Refusal('the statistics of the batch')
  if (node.integer('spatial', 1) === 0) throw new Refusal('statistics of each place')
  const statistics = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map(
    (name, i) => [name, operation.requireKnown(i + 1).data] as const,
  )
  return onAxis(operation.view(), 1, (input, axis, places) =>
    layerOf('batch_normalization', [input], {
      options: {
        epsilon: shortestFloat32(node.float('epsilon', 1e-5)),
        ...(axis < input.shape.length && { axis }),
      },
      weights: Object.fromEntries(
        statistics.map(([name, data]) => [name, Float32Array.from(placed(data, places))]),
      ),
      label: operation.label(1),
    }),
  )
}

/** Over the last axis, or the last axes as one. */
export function layerNormalization(operation: AppliedNode): View {
  const { node } = operation
  const x = operation.view()
  const rank = x.axes.length
  const axis = node.integer('axis', -1)
  const first = axis < 0 ? axis + rank : axis
  if (first !== rank - 1) throw new Refusal('several axes')
  const alongLast = ({ shape, data }: KnownTensor): KnownTensor['data'] => {
    if ((shape.at(-1) ?? 1) === data.length) return data
    throw new Refusal(`parameters [${shape.join(', ')}]`)
  }
  const gamma = alongLast(operation.requireKnown(1))
  const shift = operation.known(2)
  const beta = shift && alongLast(shift)
  return overLastAxis(
    x,
    node.float('epsilon', 1e-5),
    { gamma, ...(beta && { beta }) },
    { label: operation.label(1) },
  )
}

/** Layer normalization along the last axis of a tensor. */
export function overLastAxis(
  x: View,
  epsilon: number,
  parameters: { readonly gamma: ArrayLike<number>; readonly beta?: ArrayLike<number> },
  {
    label,
    rms_scaling = false,
  }: { readonly label?: string | undefined; readonly rms_scaling?: boolean } = {},
): View {
  const options = {
    epsilon: shortestFloat32(Math.fround(epsilon)),
    ...(parameters.beta === undefined && !rms_scaling && { center: false }),
    ...(rms_scaling && { rms_scaling }),
  }
  const weights = Object.fromEntries(
    Object.entries(parameters).map(([name, data]) => [name, Float32Array.from(data)]),
  )
  const last = x.axes.length - 1
  const made = along(x, [x.axes[last] ?? []], (input) =>
    layerOf('layer_normalization', [input], { options, weights, label }),
  )
  return made.view([...x.axes.slice(0, last).map(made.kept), ...made.own])
}
