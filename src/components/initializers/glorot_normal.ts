import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.GlorotNormal. */
export const glorotNormal = defineScaled('glorot_normal', 'Glorot: normal numbers scaled by fan_avg', {
  scale: 1,
  mode: 'fan_avg',
  distribution: 'truncated_normal',
})
