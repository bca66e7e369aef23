import { relu as activation } from '../activations/relu.ts'
import { defineActivationLayer } from './activation_layer.ts'

/** Keras symbol: keras.layers.ReLU. */
export const relu = defineActivationLayer(activation)
