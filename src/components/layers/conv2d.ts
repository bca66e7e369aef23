import { defineConvolution } from './convolution.ts'

/** Keras symbol: keras.layers.Conv2D. */
export const conv2d = defineConvolution(2)
