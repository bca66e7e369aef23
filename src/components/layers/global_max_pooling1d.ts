import { defineGlobalPooling } from './global_pooling.ts'

/** Keras symbol: keras.layers.GlobalMaxPooling1D. */
export const globalMaxPooling1d = defineGlobalPooling('max', 1)
