import type { Shape, Value } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { defineLayer } from './layer.ts'
import type { ForwardContext } from './layer.ts'
import { wrappedContext, wrappedParameters, wrappedShape } from './wrapper.ts'
import type { LayerFamily } from './wrapper.ts'

/**
 * Keras symbol: keras.layers.TimeDistributed. The wrapped layer's activity regularizer counts here, as in Keras 2;
 * Keras 3 ignores it.
 */
export const timeDistributed = (layers: LayerFamily) =>
  defineLayer({
    type: 'time_distributed',
    summary: 'Applies a layer to every step separately',
    masking: 'pass',
    options: () => ({ layer: layers().ref().describe('The layer, as in `{type: dense, units: 8}`') }),
    shapedBy: ['layer'],
    outputShape: ({ layer }, input) => [
      input[0] ?? 0,
      ...wrappedShape(layers, 'layer', layer, stepShape(input)),
    ],
    parameters: ({ layer }, input) => wrappedParameters(layers, 'layer', layer, stepShape(input)),
    forward(context, { layer }, x) {
      const { b } = context
      const [batch = 0, steps = 0, ...rest] = x.shape
      const component = layers().of(layer)
      const inner = { ...wrappedContext(context, 'layer', layer), masks: [], setMask: () => undefined }
      const apply = (scope: ForwardContext, value: Value): Value => component.forward(scope, layer, [value])
      if (
        context.training &&
        component.parameters(layer, [rest]).some(({ trainable }) => trainable === false)
      ) {
        // Statistics are those of one step, and each step sees what the one before it left.
        const { scope, finish } = sequential(inner)
        const [mask] = context.masks
        const at = (tensor: Value, step: number): Value =>
          b.reshape(b.sliceAxis(tensor, 1, step, 1), tensor.shape.toSpliced(1, 1))
        const outputs = Array.from({ length: steps }, (_, step) =>
          apply({ ...scope, masks: [mask && at(mask, step)] }, at(x, step)),
        )
        finish()
        return b.stack(outputs, 1)
      }
      const output = apply(inner, b.reshape(x, [batch * steps, ...rest]))
      return b.reshape(output, [batch, steps, ...output.shape.slice(1)])
    },
    topology(keras, { layer }, input) {
      const [steps = 0, ...rest] = input.shape
      const component = layers().of(layer)
      const wrapping: typeof keras = {
        ...keras,
        layer(className, config, inputs, shape, weights = {}, wrapped) {
          // What merges the outputs of layers works on all steps at once, and there is no wrapper for it.
          const output =
            inputs.length > 1
              ? keras.layer(className, config, inputs, [steps, ...shape])
              : keras.layer(
                  'TimeDistributed',
                  {},
                  inputs,
                  [steps, ...shape],
                  Object.fromEntries(
                    Object.entries(weights).map(([weight, name]) => [weight, `layer/${name}`]),
                  ),
                  { className, config: { ...config, name: 'layer' }, wrapped },
                )
          return { layer: output.layer, shape }
        },
      }
      const { layer: name, shape } = component.topology(wrapping, layer, [
        { layer: input.layer, shape: rest },
      ])
      return { layer: name, shape: [steps, ...shape] }
    },
  })

function stepShape(input: Shape): Shape {
  if (input.length >= 2) return input.slice(1)
  const message = `expected an input of shape [steps, ...] with at least one more axis, got [${input.join(', ')}]`
  throw new ShapeError(message)
}

/** A context in which a parameter has the value that was last assigned to it. */
function sequential(context: ForwardContext): { scope: ForwardContext; finish: () => void } {
  const assigned = new Map<string, Value>()
  return {
    scope: {
      ...context,
      parameter: (name) => assigned.get(name) ?? context.parameter(name),
      assign: (name, value) => void assigned.set(name, value),
    },
    finish: () => assigned.forEach((value, name) => context.assign(name, value)),
  }
}
