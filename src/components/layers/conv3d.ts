import { defineConvolution } from './convolution.ts'

/** Keras symbol: keras.layers.Conv3D. */
export const conv3d = defineConvolution(3)
