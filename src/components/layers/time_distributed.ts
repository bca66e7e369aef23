import type { Shape, Value } from '../../ir/ir.ts'
import { scan } from '../../ir/scan.ts'
import { ShapeError } from '../shape-error.ts'
import { defineLayer } from './layer.ts'
import type { ForwardContext, ParameterSpec } from './layer.ts'
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
      const statistics = component.parameters(layer, [rest]).filter(({ trainable }) => trainable === false)
      if (context.training && statistics.length > 0) {
        return stepByStep(inner, context.masks[0], statistics, x, apply)
      }
      const output = apply(inner, b.reshape(x, [batch * steps, ...rest]))
      return b.reshape(output, [batch, steps, ...output.shape.slice(1)])
    },
    vectorsPath: ({ layer }) => layers().of(layer).vectorsPath?.(layer),
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
          return { layer: output.layer, call: output.call, shape }
        },
      }
      const {
        layer: name,
        call,
        shape,
      } = component.topology(wrapping, layer, [{ layer: input.layer, call: input.call, shape: rest }])
      return { layer: name, call, shape: [steps, ...shape] }
    },
  })

function stepShape(input: Shape): Shape {
  if (input.length >= 2) return input.slice(1)
  const message = `expected an input of shape [steps, ...] with at least one more axis, got [${input.join(', ')}]`
  throw new ShapeError(message)
}

/** Applies a layer with statistics, which are those of one step; each step sees what the one before it left. */
function stepByStep(
  context: ForwardContext,
  mask: Value | undefined,
  statistics: readonly ParameterSpec[],
  x: Value,
  apply: (scope: ForwardContext, value: Value) => Value,
): Value {
  const { b } = context
  const names = statistics.map(({ name }) => name)
  const { finals, stacks } = scan(
    b,
    { steps: x.shape[1] ?? 0 },
    names.map((name) => context.parameter(name)),
    (body, step, states) => {
      const assigned = new Map(names.map((name, n) => [name, states[n]]))
      const scopeOf = (inner: ForwardContext, prefix: string): ForwardContext => ({
        ...inner,
        b: body,
        masks: [mask && body.take(mask, step, 1)],
        parameter: (name) => assigned.get(`${prefix}${name}`) ?? inner.parameter(name),
        assign: (name, value) => void assigned.set(`${prefix}${name}`, value),
        inner: (name) => scopeOf(inner.inner(name), `${prefix}${name}/`),
      })
      const output = apply(scopeOf(context, ''), body.take(x, step, 1))
      return {
        states: names.map((name, n) => assigned.get(name) ?? states[n] ?? output),
        yields: [{ value: output, axis: 1 }],
      }
    },
  )
  for (const [n, name] of names.entries()) {
    const final = finals[n]
    if (final) context.assign(name, final)
  }
  return stacks[0] ?? x
}
