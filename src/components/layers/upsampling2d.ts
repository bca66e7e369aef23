import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { KerasTensor, Topology } from '../topology.ts'
import { defineLayer } from './layer.ts'
import { dataFormatOption, lengths, requireSpatial } from './window.ts'

/** Keras symbol: keras.layers.UpSampling2D. */
export const upsampling2d = defineLayer({
  type: 'upsampling2d',
  keras: 'UpSampling2D',
  summary: 'Enlarges images [height, width, channels]',
  options: () => ({
    size: lengths(2).prefault(2).describe('How many times higher and wider the output is'),
    data_format: dataFormatOption(),
    interpolation: z
      .enum(['nearest', 'bilinear'])
      .default('nearest')
      .describe('nearest repeats pixels, bilinear blends those next to each other'),
  }),
  shapedBy: ['size'],
  outputShape({ size }, input) {
    requireSpatial('upsampling2d', input, 2)
    return enlargedShape(size, input)
  },
  forward: ({ b }, { size, interpolation }, x) =>
    size.reduce(
      (enlarged, factor, i) =>
        interpolation === 'nearest' ? b.repeat(enlarged, i + 1, factor) : blend(b, enlarged, i + 1, factor),
      x,
    ),
  topology: (keras, { size, interpolation }, input) =>
    interpolation === 'nearest' ? repeated(keras, input, size) : blended(keras, input, size),
})

function enlargedShape(size: Shape, input: Shape): Shape {
  return input.map((length, i) => length * (size[i] ?? 1))
}

/**
 * Linear interpolation along an axis between the centres of the elements, the outermost of which go on beyond the
 * border. Output `factor * i + phase` lies (phase + 0.5) / factor - 0.5 after the centre of element i.
 */
function blend(b: Builder, x: Value, axis: number, factor: number): Value {
  const length = x.shape[axis] ?? 0
  const first = b.sliceAxis(x, axis, 0, 1)
  const last = b.sliceAxis(x, axis, length - 1, 1)
  const extended = b.concat([first, x, last], axis)
  const phases = Array.from({ length: factor }, (_, phase) => {
    const place = (phase + 0.5) / factor + 0.5
    const left = Math.floor(place)
    const near = b.mul(b.sliceAxis(extended, axis, left, length), 1 - (place - left))
    return place === left
      ? near
      : b.add(near, b.mul(b.sliceAxis(extended, axis, left + 1, length), place - left))
  })
  return b.reshape(b.stack(phases, axis + 1), x.shape.with(axis, length * factor))
}

function repeated(keras: Topology, x: KerasTensor, size: Shape): KerasTensor {
  return keras.layer('UpSampling2D', { size, interpolation: 'nearest' }, [x], enlargedShape(size, x.shape))
}

/**
 * TensorFlow.js interpolates between the corners of pixels. Means of repeated pixels, over windows one input pixel
 * wide, interpolate between their centres; an even factor needs twice the pixels for windows to have a centre.
 */
function blended(keras: Topology, x: KerasTensor, size: Shape): KerasTensor {
  const strides = size.map((factor) => (factor % 2 === 0 ? 2 : 1))
  const fine = size.map((factor, i) => factor * (strides[i] ?? 1))
  const pooling = { pool_size: fine, strides, padding: 'same' }
  return keras.layer('AveragePooling2D', pooling, [repeated(keras, x, fine)], enlargedShape(size, x.shape))
}
