import { defineLayer } from './layer.ts'
import { activate, activatedShape, activationOption, regularizerOption } from './options.ts'
import { withActivation } from './with-activation.ts'

/** Keras symbol: keras.layers.Activation. */
export const activation = defineLayer({
  type: 'activation',
  summary: 'Applies an activation function',
  masking: 'pass',
  options: () => ({ activation: activationOption(), activity_regularizer: regularizerOption('output') }),
  shapedBy: ['activation'],
  outputShape: (config, input) => activatedShape(config, input),
  forward: (context, config, x) => activate(context, x, config),
  activated: ({ activation }) => activation,
  topology: (keras, config, input) =>
    withActivation(keras, config.activation, (name) =>
      keras.layer('Activation', { activation: name }, [input], input.shape),
    ),
})
