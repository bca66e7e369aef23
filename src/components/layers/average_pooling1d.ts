import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.AveragePooling1D. */
export const averagePooling1d = definePooling('average', 1)
