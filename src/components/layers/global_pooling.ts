import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import { defineLayer } from './layer.ts'
import { dataFormatOption, requireSpatial } from './window.ts'

/**
 * A pooling layer whose window is the whole of `rank` spatial axes. The mean over steps leaves out those that are masked.
 * Keras symbols: keras.layers.GlobalMaxPooling2D and the like.
 */
export function defineGlobalPooling(kind: 'max' | 'average', rank: 1 | 2) {
  const type = `global_${kind}_pooling${rank}d`
  const most = kind === 'max'
  const averagesSteps = !most && rank === 1
  const axes = Array.from({ length: rank }, (_, i) => i + 1)
  const pooledShape = (input: Shape, keepdims: boolean): Shape => [
    ...(keepdims ? axes.map(() => 1) : []),
    input.at(-1) ?? 0,
  ]
  return defineLayer({
    type,
    aliases: [most ? `GlobalMaxPool${rank}D` : `GlobalAvgPool${rank}D`],
    summary: `${most ? 'Largest' : 'Mean'} element of each channel`,
    ...(averagesSteps && { masking: 'use' as const }),
    options: () => ({
      data_format: dataFormatOption(),
      keepdims: z.boolean().default(false).describe('Keep the spatial axes, with length 1'),
    }),
    shapedBy: ['keepdims'],
    outputShape({ keepdims }, input) {
      requireSpatial(type, input, rank)
      return pooledShape(input, keepdims)
    },
    forward({ b, masks: [mask] }, { keepdims }, x) {
      if (most) return b.reduceMax(x, axes, keepdims)
      if (!averagesSteps || mask === undefined) return b.mean(x, axes, keepdims)
      const kept = b.reshape(mask, [...mask.shape, 1])
      return b.div(b.sum(b.mul(x, kept), axes, keepdims), b.sum(kept, axes, keepdims))
    },
    topology(keras, { keepdims }, input) {
      // The mean of TensorFlow.js is over all steps.
      if (averagesSteps && input.masked === true) keras.unsupported(`${type} of masked steps`)
      const shape = pooledShape(input.shape, false)
      const pooled = keras.layer(`Global${most ? 'Max' : 'Average'}Pooling${rank}D`, {}, [input], shape)
      if (!keepdims) return pooled
      const kept = pooledShape(input.shape, true)
      return keras.layer('Reshape', { target_shape: kept }, [pooled], kept)
    },
  })
}
