import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.HeUniform. */
export const heUniform = defineScaled('he_uniform', 'He: uniform numbers scaled by fan_in', {
  scale: 2,
  mode: 'fan_in',
  distribution: 'uniform',
})
