import * as z from 'zod'

import type { Shape, Value } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { mayEqual } from '../unknown-size.ts'
import { defineMergeLayer } from './layer.ts'
import type { ForwardContext } from './layer.ts'
import { eitherMask } from './merge.ts'

/** Keras symbol: keras.layers.Concatenate. */
export const concatenate = defineMergeLayer({
  type: 'concatenate',
  aliases: ['concat'],
  summary: 'Joins inputs along an axis',
  masking: 'use',
  options: () => ({ axis: z.int().default(-1).describe('The axis; 0 is the batch, -1 the last') }),
  shapedBy: ['axis'],
  outputShape: ({ axis }, inputs) => joinedShape(inputs, axis),
  forward(context, { axis }, inputs) {
    const joined = context.b.concat(inputs, axis)
    const alongSteps = axis === 1 || axis === 1 - joined.shape.length
    context.setMask(alongSteps ? joinedMask(context, inputs) : anyMask(context))
    return joined
  },
  topology(keras, { axis }, inputs) {
    const shape = joinedShape(
      inputs.map((input) => input.shape),
      axis,
    )
    const alongSteps = axis === 1 || axis === -shape.length
    const masked = inputs.map((input) => input.masked === true)
    return {
      // TensorFlow.js takes -1, but no other negative axis.
      ...keras.layer('Concatenate', { axis: axis < 0 ? axis + shape.length + 1 : axis }, inputs, shape),
      masked: alongSteps ? masked.includes(true) : !masked.includes(false),
    }
  },
})

/** The steps that any input keeps: all of them where one is not masked. */
function anyMask({ b, masks }: Pick<ForwardContext, 'b' | 'masks'>): Value | undefined {
  const [known] = masks.flatMap((mask) => mask ?? [])
  return known && (eitherMask({ b, masks }) ?? b.constant(1, known.shape))
}

/** Masks one after the other, where any input is masked. */
function joinedMask(
  { b, masks }: Pick<ForwardContext, 'b' | 'masks'>,
  inputs: readonly Value[],
): Value | undefined {
  if (masks.every((mask) => mask === undefined)) return undefined
  return b.concat(
    inputs.map((x, i) => masks[i] ?? b.constant(1, x.shape.slice(0, 2))),
    1,
  )
}

function joinedShape(inputs: readonly Shape[], axis: number): Shape {
  const [first = []] = inputs
  const at = axis < 0 ? first.length + axis : axis - 1
  if (at < 0 || at >= first.length) {
    throw new ShapeError(
      `axis ${axis} is not an axis of [${first.join(', ')}]; the batch axis cannot be joined`,
      { option: 'axis', hint: 'use -1, the last axis' },
    )
  }
  const fits = inputs.every(
    (shape) =>
      shape.length === first.length && shape.every((length, i) => i === at || mayEqual(length, first[i])),
  )
  if (!fits) {
    const shapes = inputs.map((shape) => `[${shape.join(', ')}]`).join(' and ')
    throw new ShapeError(`concatenate takes inputs that differ along axis ${axis} only, got ${shapes}`, {
      option: 'from',
      hint: 'make the other axes equal, for instance with reshape or flatten',
    })
  }
  return first.with(
    at,
    inputs.reduce((total, shape) => total + (shape[at] ?? 0), 0),
  )
}
