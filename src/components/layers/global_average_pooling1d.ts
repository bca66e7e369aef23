import { defineGlobalPooling } from './global_pooling.ts'

/** Keras symbol: keras.layers.GlobalAveragePooling1D. */
export const globalAveragePooling1d = defineGlobalPooling('average', 1)
