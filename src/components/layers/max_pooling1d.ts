import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.MaxPooling1D. */
export const maxPooling1d = definePooling('max', 1)
