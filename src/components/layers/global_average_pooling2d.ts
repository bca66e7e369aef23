import { defineGlobalPooling } from './global_pooling.ts'

/** Keras symbol: keras.layers.GlobalAveragePooling2D. */
export const globalAveragePooling2d = defineGlobalPooling('average', 2)
