import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.MaxPooling2D. */
export const maxPooling2d = definePooling('max', 2)
