import type { ComponentConfig, Options } from '../../registry.ts'
import type { ActivationComponent } from '../activations/activation.ts'
import { defineLayer } from './layer.ts'
import { withActivation } from './with-activation.ts'

/** A layer that is an activation under the same name; `options` are its own where their defaults differ. */
export function defineActivationLayer<O extends Options>(
  component: ActivationComponent<O>,
  options: () => O = component.options,
) {
  return defineLayer({
    type: component.type,
    ...(component.kerasLayer !== undefined && { keras: component.kerasLayer }),
    summary: component.summary,
    masking: 'pass',
    options,
    outputShape: (_config, input) => input,
    forward: ({ b }, config, x) => component.apply(b, x, config),
    activated: (config): ComponentConfig => ({ type: component.type, ...config }),
    topology: (keras, config, input) =>
      withActivation(keras, { ...config, type: component.type }, (activation) =>
        activation === 'linear' ? input : keras.layer('Activation', { activation }, [input], input.shape),
      ),
  })
}
