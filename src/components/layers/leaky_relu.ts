import * as z from 'zod'

import { leakyRelu as activation } from '../activations/leaky_relu.ts'
import { defineActivationLayer } from './activation_layer.ts'

/** Keras symbol: keras.layers.LeakyReLU, whose slope is not that of keras.activations.leaky_relu. */
export const leakyRelu = defineActivationLayer(activation, () => ({
  negative_slope: z.number().default(0.3).describe('Slope below zero'),
}))
