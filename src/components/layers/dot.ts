import * as z from 'zod'

import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { axisIn } from '../activations/axis.ts'
import { unit } from '../losses/cosine.ts'
import { ShapeError } from '../shape-error.ts'
import { mayEqual } from '../unknown-size.ts'
import type { KerasTensor } from '../topology.ts'
import { defineMergeLayer } from './layer.ts'
import { requireTwo } from './subtract.ts'

/** Keras symbol: keras.layers.Dot. */
export const dot = defineMergeLayer({
  type: 'dot',
  summary: 'Products of two inputs, summed along an axis of each',
  options: () => ({
    axes: z
      .union([z.int(), z.tuple([z.int(), z.int()])])
      .describe('The axis of both inputs, or [axis of the first, axis of the second]; axis 0 is the batch'),
    normalize: z
      .boolean()
      .default(false)
      .describe('Scale both inputs to length 1 along the axis first: their cosine similarity'),
  }),
  shapedBy: ['axes'],
  outputShape(config, inputs) {
    requireTwo('dot', inputs)
    const [left, right] = axesIn(config.axes, inputs)
    if (!mayEqual(left.length, right.length)) {
      throw new ShapeError(
        `expected axes of equal length, got ${left.length} of [${left.shape.join(', ')}] and ${right.length} of [${right.shape.join(', ')}]`,
        { option: 'axes', hint: 'name an axis of each input, as in `axes: [2, 1]`' },
      )
    }
    return productShape(left, right)
  },
  forward({ b }, { axes, normalize }, inputs) {
    const sides = axesIn(
      axes,
      inputs.map(({ shape }) => shape.slice(1)),
    )
    const [a, c] = sides.map(({ at, rest, length }, i) => {
      const x = inputs[i] ?? b.constant(0)
      const scaled = normalize ? unit(b, x, at + 1) : x
      const last = b.transpose(scaled, [0, ...lastOrder(scaled.shape.slice(1), at).map((axis) => axis + 1)])
      return b.reshape(last, [x.shape[0] ?? 0, sizeOf(rest), length])
    })
    if (a === undefined || c === undefined) throw new Error('dot takes two inputs')
    return b.reshape(b.matmul(a, c, { transposeB: true }), [a.shape[0] ?? 0, ...productShape(...sides)])
  },
  topology(keras, { axes, normalize }, inputs) {
    const sides = axesIn(
      axes,
      inputs.map(({ shape }) => shape),
    )
    const reshape = (x: KerasTensor, shape: Shape): KerasTensor =>
      keras.layer('Reshape', { target_shape: shape }, [x], shape)
    // TensorFlow.js takes at most two axes of a row: the axis comes last, the others become one.
    const flat = sides.map(({ at, rest, length }, i) => {
      const x = inputs[i] ?? { layer: '', shape: [] }
      if (x.shape.length <= 2) return { x, at }
      const order = lastOrder(x.shape, at)
      const last = keras.layer('Permute', { dims: order.map((axis) => axis + 1) }, [x], [...rest, length])
      return { x: reshape(last, [sizeOf(rest), length]), at: 1 }
    })
    const shape = productShape(...sides)
    const kept = flat.flatMap(({ x, at }) => x.shape.toSpliced(at, 1))
    const product = keras.layer(
      'Dot',
      { axes: flat.map(({ at }) => at + 1), normalize },
      flat.map(({ x }) => x),
      kept.length === 0 ? [1] : kept,
    )
    return flat.every(({ x }, i) => x === inputs[i]) ? product : reshape(product, shape)
  },
})

/** One input: the place and the length of its axis, and the other lengths. */
type Side = { readonly shape: Shape; readonly at: number; readonly length: number; readonly rest: Shape }

function axesIn(axes: number | readonly [number, number], shapes: readonly Shape[]): [Side, Side] {
  const [first, second] = typeof axes === 'number' ? [axes, axes] : axes
  const side = (shape: Shape = [], axis: number): Side => {
    const at = axisIn(shape, axis, 'dot', 'axes')
    return { shape, at, length: shape[at] ?? 0, rest: shape.toSpliced(at, 1) }
  }
  return [side(shapes[0], first), side(shapes[1], second)]
}

function productShape(left: Side, right: Side): Shape {
  const shape = [...left.rest, ...right.rest]
  return shape.length === 0 ? [1] : shape
}

/** The order of axes that puts one last. */
function lastOrder(shape: Shape, at: number): number[] {
  return [...shape.map((_, axis) => axis).toSpliced(at, 1), at]
}
