import { defineActivation } from './activation.ts'
import { affine, product, ramp, sum } from './tfjs-layers.ts'

/** Keras symbol: keras.activations.sparse_plus. */
export const sparsePlus = defineActivation({
  type: 'sparse_plus',
  summary: '0 up to -1, (x + 1)^2 / 4 up to 1, then x',
  options: () => ({}),
  topology(keras, _config, x) {
    const rise = ramp(keras, affine(keras, x, 0.5, 0.5), 1)
    return sum(keras, product(keras, rise, rise), ramp(keras, affine(keras, x, 1, -1)))
  },
  flat: () => ({ off: 0 }),
  apply(b, x) {
    const rise = b.clip(b.add(b.mul(x, 0.5), 0.5), 0, 1)
    return b.add(b.square(rise), b.relu(b.sub(x, 1)))
  },
})
