import { ShapeError } from '../shape-error.ts'
import { isKnown } from '../unknown-size.ts'
import { sizeOf } from '../../ir/ir.ts'
import { defineActivation } from './activation.ts'
import { axisIn, axisOption } from './axis.ts'
import { named, product } from './tfjs-layers.ts'

/** Gated linear unit: Dauphin et al. (2017). Keras symbol: keras.activations.glu. Halves an axis. */
export const glu = defineActivation({
  type: 'glu',
  // Keras does not see that it halves the axis.
  keras: null,
  summary: 'The first half of an axis times the sigmoid of its second half',
  options: () => ({ axis: axisOption('Axis that is cut in half') }),
  outputShape({ axis }, shape) {
    const at = axisIn(shape, axis, 'glu')
    const length = shape[at] ?? 0
    if (length % 2 === 0 || !isKnown([length])) return shape.with(at, length / 2)
    throw new ShapeError(
      `glu halves axis ${axis} of [batch, ${shape.join(', ')}], whose length ${length} is odd`,
      {
        option: 'activation',
        hint: `give it an even length, such as ${length + 1}`,
      },
    )
  },
  // The axis becomes the rows of an image one channel deep, which cropping can halve.
  topology(keras, { axis }, x) {
    const at = axisIn(x.shape, axis, 'glu')
    const half = (x.shape[at] ?? 0) / 2
    const [outer, inner] = [sizeOf(x.shape.slice(0, at)), sizeOf(x.shape.slice(at + 1))]
    const image = keras.layer(
      'Reshape',
      { target_shape: [outer, 2 * half, inner] },
      [x],
      [outer, 2 * half, inner],
    )
    const part = (columns: readonly [number, number]) => {
      const cut = keras.layer('Cropping2D', { cropping: [[0, 0], columns] }, [image], [outer, half, inner])
      const shape = x.shape.with(at, half)
      return keras.layer('Reshape', { target_shape: shape }, [cut], shape)
    }
    return product(keras, part([0, half]), named(keras, part([half, 0]), 'sigmoid'))
  },
  apply(b, x, { axis }) {
    const half = (x.shape.at(axis) ?? 0) / 2
    return b.mul(b.sliceAxis(x, axis, 0, half), b.sigmoid(b.sliceAxis(x, axis, half, half)))
  },
})
