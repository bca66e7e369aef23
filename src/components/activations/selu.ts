import { defineActivation } from './activation.ts'

const ALPHA = 1.6732632423543772
const SCALE = 1.0507009873554805

/** Klambauer et al. (2017). Keras symbol: keras.activations.selu. */
export const selu = defineActivation({
  type: 'selu',
  summary: 'Scaled elu, which keeps mean 0 and variance 1 through the layers',
  options: () => ({}),
  tfjs: () => 'selu',
  flat: () => ({ saturated: [-SCALE * ALPHA] }),
  apply: (b, x) => b.select(b.less(x, 0), b.mul(b.expm1(b.min(x, 0)), SCALE * ALPHA), b.mul(x, SCALE)),
})
