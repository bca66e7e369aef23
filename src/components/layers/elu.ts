import { elu as activation } from '../activations/elu.ts'
import { defineActivationLayer } from './activation_layer.ts'

/** Keras symbol: keras.layers.ELU. */
export const elu = defineActivationLayer(activation)
