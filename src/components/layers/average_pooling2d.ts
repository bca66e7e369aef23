import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.AveragePooling2D. */
export const averagePooling2d = definePooling('average', 2)
