import type { Builder } from '../../compiler/builder.ts'
import { broadcastShapes } from '../../compiler/ir.ts'
import type { Shape, Value } from '../../compiler/ir.ts'
import { ShapeError, defineMergeLayer } from './layer.ts'

/** A layer that combines inputs element by element, with the broadcasting of numpy. */
export function defineElementwiseMerge(
  type: string,
  summary: string,
  kerasClass: string,
  combine: (b: Builder, xs: readonly Value[]) => Value,
) {
  return defineMergeLayer({
    type,
    summary,
    options: () => ({}),
    outputShape: (_config, inputs) => mergedShape(type, inputs),
    forward: ({ b }, _config, inputs) => combine(b, inputs),
    topology: (keras, _config, inputs) =>
      keras.layer(
        kerasClass,
        {},
        inputs,
        mergedShape(
          type,
          inputs.map(({ shape }) => shape),
        ),
      ),
  })
}

/** The shape of inputs combined element by element. */
export function mergedShape(type: string, inputs: readonly Shape[]): Shape {
  return inputs.reduce((whole, shape) => {
    const merged = whole.length === shape.length ? broadcastShapes(whole, shape) : undefined
    if (merged !== undefined) return merged
    throw new ShapeError(
      `${type} takes inputs of one shape, got ${inputs.map((s) => `[${s.join(', ')}]`).join(' and ')}`,
      {
        option: 'from',
      },
    )
  })
}
