import { defineScaled } from './variance_scaling.ts'

/** Keras symbol: keras.initializers.LecunNormal. */
export const lecunNormal = defineScaled('lecun_normal', 'LeCun: normal numbers scaled by fan_in', {
  scale: 1,
  mode: 'fan_in',
  distribution: 'truncated_normal',
})
