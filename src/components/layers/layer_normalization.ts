import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { axesIn } from '../activations/axis.ts'
import type { KerasTensor } from '../topology.ts'
import { defineLayer } from './layer.ts'
import { scaleAndOffset, scaleAndOffsetOptions, scaleAndOffsetWeights } from './normalization.ts'

/** Ba et al. (2016). Keras symbol: keras.layers.LayerNormalization. */
export const layerNormalization = defineLayer({
  type: 'layer_normalization',
  aliases: ['LayerNorm'],
  summary: 'Gives each row mean 0 and variance 1 along an axis, then a learned scale and offset',
  masking: 'pass',
  options: () => ({
    axis: z
      .union([z.int(), z.array(z.int()).min(1)])
      .default(-1)
      .describe('The axis, or the list of axes; axis 0 is the batch, -1 the last'),
    ...scaleAndOffsetOptions(),
    rms_scaling: z
      .boolean()
      .default(false)
      .describe('Divide by the deviation only: neither subtract the mean nor add beta'),
  }),
  shapedBy: ['axis'],
  outputShape({ axis }, input) {
    axesOf(input, axis)
    return input
  },
  parameters: (config, input) =>
    scaleAndOffset(
      learned(config),
      axesOf(input, config.axis).map((at) => input[at] ?? 0),
    ),
  forward({ b, parameter }, config, x) {
    const axes = axesOf(x.shape.slice(1), config.axis).map((at) => at + 1)
    const spread = (name: string): Value =>
      b.reshape(
        parameter(name),
        x.shape.map((length, i) => (axes.includes(i) ? length : 1)),
      )
    const { scale, center } = learned(config)
    const centered = b.sub(x, b.mean(x, axes, true))
    const deviation = b.rsqrt(b.add(b.mean(b.square(centered), axes, true), config.epsilon))
    const normalized = b.mul(config.rms_scaling ? x : centered, deviation)
    const scaled = scale ? b.mul(normalized, spread('gamma')) : normalized
    return center ? b.add(scaled, spread('beta')) : scaled
  },
  topology(keras, config, input) {
    if (config.rms_scaling) keras.unsupported('layer_normalization with rms_scaling')
    const { epsilon, center, scale } = config
    const axes = axesOf(input.shape, config.axis)
    const normalize = (x: KerasTensor, along: Shape): KerasTensor =>
      keras.layer(
        'LayerNormalization',
        { axis: along.map((at) => at + 1), epsilon, center, scale },
        [x],
        x.shape,
        scaleAndOffsetWeights(learned(config)),
      )
    if (input.shape.length <= 3) return normalize(input, axes)
    // TensorFlow.js takes at most three axes of a row: those before the normalized ones become one.
    const rest = input.shape.length - axes.length
    if (axes[0] !== rest || axes.length > 2) {
      keras.unsupported('layer_normalization over these axes')
      return normalize(input, axes)
    }
    const reshape = (x: KerasTensor, shape: Shape): KerasTensor =>
      keras.layer('Reshape', { target_shape: shape }, [x], shape)
    const rows = reshape(input, [sizeOf(input.shape.slice(0, rest)), ...input.shape.slice(rest)])
    return reshape(
      normalize(
        rows,
        axes.map((at) => at - rest + 1),
      ),
      input.shape,
    )
  },
})

/** Options of its weights: rms_scaling always has a gamma and never a beta, as in Keras. */
function learned<C extends { scale: boolean; center: boolean; rms_scaling: boolean }>(config: C): C {
  return config.rms_scaling ? { ...config, scale: true, center: false } : config
}

/** The axes of a shape without the batch axis, in order. */
function axesOf(shape: Shape, axis: number | Shape): number[] {
  return axesIn(shape, axis, 'layer_normalization').sort((a, b) => a - b)
}
