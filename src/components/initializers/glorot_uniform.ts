import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.GlorotUniform. */
export const glorotUniform = defineScaled('glorot_uniform', 'Glorot: uniform numbers scaled by fan_avg', {
  scale: 1,
  mode: 'fan_avg',
  distribution: 'uniform',
})
