import type { Shape } from '../../ir/ir.ts'
import type { ComponentConfig, Family } from '../../registry.ts'
import { ShapeError } from '../shape-error.ts'
import type { ForwardContext, Gates, LayerComponent, ParameterSpec } from './layer.ts'

/** The family of layers, which a wrapper belongs to itself: known once all its members are. */
export type LayerFamily = () => Family<LayerComponent>

/** The output shape of the layer that the option holds. */
export function wrappedShape(
  layers: LayerFamily,
  option: string,
  config: ComponentConfig,
  input: Shape,
): Shape {
  const component = layers().of(config)
  if (component.composes)
    throw new ShapeError(`${config.type} stands for other layers: it cannot be wrapped`, { option })
  if (component.arity !== 'one')
    throw new ShapeError(`${config.type} merges several inputs: it cannot be wrapped`, { option })
  if (config['from'] !== undefined)
    throw new ShapeError('a wrapped layer takes what its wrapper takes', { option: [option, 'from'] })
  try {
    return component.outputShape(config, [input])
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    const { message, path, hint } = error
    throw new ShapeError(message, { option: [option, ...path], ...(hint !== undefined && { hint }) })
  }
}

/** The parameters of the layer that the option holds, named option/name. */
export function wrappedParameters(
  layers: LayerFamily,
  option: string,
  config: ComponentConfig,
  input: Shape,
): ParameterSpec[] {
  const frozen = config['trainable'] === false
  return layers()
    .of(config)
    .parameters(config, [input])
    .map((spec) => ({ ...spec, name: `${option}/${spec.name}`, ...(frozen && { trainable: false }) }))
}

/** The context of the layer that the option holds. */
export function wrappedContext(
  context: ForwardContext,
  option: string,
  config: ComponentConfig,
): ForwardContext {
  const inner = context.inner(option)
  return { ...inner, trainable: inner.trainable && config['trainable'] !== false }
}

/** The gates of the layer that the option holds. */
export function wrappedGates(layers: LayerFamily, option: string, config: ComponentConfig): Gates[] {
  const gates = layers().of(config).gates?.(config) ?? []
  return gates.map((own) => ({
    ...own,
    forward: (context, x) => own.forward(wrappedContext(context, option, config), x),
  }))
}
