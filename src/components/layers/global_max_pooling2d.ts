import { defineGlobalPooling } from './global_pooling.ts'

/** Keras symbol: keras.layers.GlobalMaxPooling2D. */
export const globalMaxPooling2d = defineGlobalPooling('max', 2)
