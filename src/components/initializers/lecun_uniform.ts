import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.LecunUniform. */
export const lecunUniform = defineScaled('lecun_uniform', 'LeCun: uniform numbers scaled by fan_in', {
  scale: 1,
  mode: 'fan_in',
  distribution: 'uniform',
})
