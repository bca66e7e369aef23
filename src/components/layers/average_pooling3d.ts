import { definePooling } from './pooling.ts'

/** Keras symbol: keras.layers.AveragePooling3D. */
export const averagePooling3d = definePooling('average', 3)
