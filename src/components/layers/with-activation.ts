import type { ComponentConfig } from '../../registry.ts'
import { activations } from '../activations/index.ts'
import type { KerasTensor, Topology } from '../topology.ts'

/** Adds a layer with an activation: built in where TensorFlow.js has the function, else as layers of their own after it. */
export function withActivation(
  keras: Topology,
  activation: ComponentConfig,
  build: (activation: string) => KerasTensor,
): KerasTensor {
  const component = activations.of(activation)
  const native = component.tfjs?.(activation)
  if (native !== undefined) return build(native)
  if (component.topology !== undefined) return component.topology(keras, activation, build('linear'))
  keras.unsupported(`activation ${activation.type}`)
  return build(activation.type)
}
