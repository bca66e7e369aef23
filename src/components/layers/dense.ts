import * as z from 'zod'

import { ShapeError } from '../shape-error.ts'
import { UNKNOWN } from '../unknown-size.ts'
import { defineLayer } from './layer.ts'
import { activate, activatedShape, activationOption, kernelAndBias, kernelAndBiasOptions } from './options.ts'
import { withActivation } from './with-activation.ts'

/** Keras symbol: keras.layers.Dense. */
export const dense = defineLayer({
  type: 'dense',
  summary: 'activation(x · kernel + bias) over the last axis',
  masking: 'pass',
  options: () => ({
    units: z
      .union([z.int().positive(), z.literal('classes')])
      .describe('Number of outputs; classes: as many as the target has classes'),
    activation: activationOption(),
    ...kernelAndBiasOptions(),
  }),
  shapedBy: ['units', 'activation'],
  outputShape(config, input) {
    if (input.length === 0) {
      throw new ShapeError('dense works along the last axis, but its input has none', {
        hint: 'give the input at least one axis',
      })
    }
    return activatedShape(config, [...input.slice(0, -1), unitsOf(config)])
  },
  parameters: (config, input) => kernelAndBias(config, [input.at(-1) ?? 0, unitsOf(config)], unitsOf(config)),
  forward(context, config, x) {
    const { b, parameter } = context
    const product = b.matmul(x, parameter('kernel'))
    return activate(context, config.use_bias ? b.add(product, parameter('bias')) : product, config)
  },
  activated: ({ activation }) => activation,
  topology: (keras, config, input) =>
    withActivation(keras, config.activation, (activation) =>
      keras.layer(
        'Dense',
        { units: unitsOf(config), use_bias: config.use_bias, activation },
        [input],
        [...input.shape.slice(0, -1), unitsOf(config)],
        config.use_bias ? { kernel: 'kernel', bias: 'bias' } : { kernel: 'kernel' },
      ),
    ),
})

/** An unknown size as long as the classes are not counted. */
function unitsOf({ units }: { readonly units: number | 'classes' }): number {
  return units === 'classes' ? UNKNOWN : units
}
