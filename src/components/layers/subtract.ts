import { defineMergeLayer } from './layer.ts'
import { ShapeError } from '../shape-error.ts'
import type { Shape } from '../../ir/ir.ts'
import { eitherMask, mergedShape } from './merge.ts'

/** Keras symbol: keras.layers.Subtract. */
export const subtract = defineMergeLayer({
  type: 'subtract',
  summary: 'The first of two inputs minus the second',
  masking: 'use',
  options: () => ({}),
  outputShape(_config, inputs) {
    requireTwo('subtract', inputs)
    return mergedShape('subtract', inputs)
  },
  forward(context, _config, inputs) {
    context.setMask(eitherMask(context))
    return inputs.reduce((difference, x) => context.b.sub(difference, x))
  },
  // TensorFlow.js has no such layer.
  topology(keras, _config, inputs) {
    const terms = inputs.map((x, i) =>
      i === 0 ? x : keras.layer('Rescaling', { scale: -1, offset: 0 }, [x], x.shape),
    )
    const shapes = inputs.map(({ shape }) => shape)
    return {
      ...keras.layer('Add', {}, terms, mergedShape('subtract', shapes)),
      masked: inputs.every(({ masked }) => masked === true),
    }
  },
})

/** Throws unless a layer is given two inputs. */
export function requireTwo(type: string, inputs: readonly Shape[]): void {
  if (inputs.length === 2) return
  throw new ShapeError(`${type} takes two inputs, got ${inputs.length}`, {
    option: 'from',
    hint: 'name two, as in `from: [left, right]`',
  })
}
