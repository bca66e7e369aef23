import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.HeNormal. */
export const heNormal = defineScaled('he_normal', 'He: normal numbers scaled by fan_in', {
  scale: 2,
  mode: 'fan_in',
  distribution: 'truncated_normal',
})
