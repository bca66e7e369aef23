import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.MaxPooling3D. */
export const maxPooling3d = definePooling('max', 3)
