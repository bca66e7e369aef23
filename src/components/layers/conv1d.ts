import { defineConvolution } from './convolution.ts'

/** Keras symbol: keras.layers.Conv1D. */
export const conv1d = defineConvolution(1)
