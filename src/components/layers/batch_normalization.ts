import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { alongLastAxis, axisIn } from '../activations/axis.ts'
import type { KerasTensor } from '../topology.ts'
import { defineLayer } from './layer.ts'
import { scaleAndOffset, scaleAndOffsetOptions, scaleAndOffsetWeights } from './normalization.ts'
import { initializerOption } from './options.ts'

/**
 * Ioffe and Szegedy (2015). Training uses the statistics of the batch, everything else (and a frozen layer in training) moving
 * averages of them, whose variance is the biased one. Keras symbol: keras.layers.BatchNormalization.
 */
export const batchNormalization = defineLayer({
  type: 'batch_normalization',
  // Keras 2 saves the only axis as a list.
  fromKeras: ({ axis, ...rest }) => ({ ...rest, ...(axis !== undefined && { axis: [axis].flat()[0] }) }),
  aliases: ['BatchNorm'],
  summary: 'Gives each channel mean 0 and variance 1 over the batch, then a learned scale and offset',
  masking: 'pass',
  options: () => ({
    axis: z.int().default(-1).describe('The axis of the channels; axis 0 is the batch, -1 the last'),
    momentum: z
      .number()
      .min(0)
      .max(1)
      .default(0.99)
      .describe('Share of the moving averages kept at each step'),
    ...scaleAndOffsetOptions(),
    moving_mean_initializer: initializerOption('moving mean', 'zeros'),
    moving_variance_initializer: initializerOption('moving variance', 'ones'),
  }),
  shapedBy: ['axis'],
  outputShape({ axis }, input) {
    axisIn(input, axis, 'batch_normalization', 'axis')
    return input
  },
  parameters(config, input) {
    const shape = [input[axisIn(input, config.axis, 'batch_normalization', 'axis')] ?? 0]
    return [
      ...scaleAndOffset(config, shape),
      { name: 'moving_mean', shape, initializer: config.moving_mean_initializer, trainable: false },
      { name: 'moving_variance', shape, initializer: config.moving_variance_initializer, trainable: false },
    ]
  },
  forward(context, config, x) {
    const { b, training, trainable, parameter, assign } = context
    const at = axisIn(x.shape.slice(1), config.axis, 'batch_normalization', 'axis') + 1
    const spread = (name: string): Value =>
      b.reshape(
        parameter(name),
        x.shape.map((length, i) => (i === at ? length : 1)),
      )
    let [mean, variance] = [spread('moving_mean'), spread('moving_variance')]
    if (training && trainable) {
      const average = averageOver(b, x, at, context.masks[0])
      mean = average(x)
      variance = average(b.square(b.sub(x, mean)))
      for (const [name, now] of [
        ['moving_mean', mean],
        ['moving_variance', variance],
      ] as const) {
        const before = parameter(name)
        const moved = b.mul(b.reshape(now, before.shape), 1 - config.momentum)
        assign(name, b.add(b.mul(before, config.momentum), moved))
      }
    }
    const deviation = b.rsqrt(b.add(variance, config.epsilon))
    const factor = config.scale ? b.mul(deviation, spread('gamma')) : deviation
    const normalized = b.mul(b.sub(x, mean), factor)
    return config.center ? b.add(normalized, spread('beta')) : normalized
  },
  topology(keras, config, input) {
    const { momentum, epsilon, center, scale } = config
    const weights = {
      ...scaleAndOffsetWeights(config),
      moving_mean: 'moving_mean',
      moving_variance: 'moving_variance',
    }
    const normalize = (x: KerasTensor): KerasTensor =>
      keras.layer('BatchNormalization', { axis: -1, momentum, epsilon, center, scale }, [x], x.shape, weights)
    const reshape = (x: KerasTensor, shape: KerasTensor['shape']): KerasTensor =>
      keras.layer('Reshape', { target_shape: shape }, [x], shape)
    // TensorFlow.js takes channels that come last, and at most three axes of a row.
    return alongLastAxis(
      keras,
      input,
      axisIn(input.shape, config.axis, 'batch_normalization', 'axis'),
      (x) => {
        if (x.shape.length <= 3) return normalize(x)
        const rows = reshape(x, [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1) ?? 0])
        return reshape(normalize(rows), x.shape)
      },
    )
  },
})

/** The mean over all axes but one, which keeps them with length 1 and leaves masked steps out. */
function averageOver(b: Builder, x: Value, axis: number, mask: Value | undefined): (y: Value) => Value {
  const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
  if (mask === undefined) return (y) => b.mean(y, axes, true)
  const steps = b.reshape(
    mask,
    x.shape.map((length, i) => (i < mask.shape.length ? length : 1)),
  )
  const kept = b.broadcast(steps, x.shape)
  // Keras's epsilon: a batch may be masked as a whole.
  const count = b.add(b.sum(kept, axes, true), 1e-7)
  return (y) => b.div(b.sum(b.mul(y, kept), axes, true), count)
}
