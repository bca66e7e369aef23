import { isMap } from '../../registry.ts'
import { listOf, mapOf } from './read-objects.ts'
import type { Json } from './read-objects.ts'

/** A tensor: that of a layer's call, by its place among those that the call yields. */
export type TensorReference = {
  readonly layer: string
  readonly call: number
  readonly tensor: number
  /** The shape of a row, where a file tells it. */
  readonly shape?: readonly unknown[]
}
/** Class of a tensor among the arguments of a call. */
export const TENSOR = '__keras_tensor__'

/** The tensors in the arguments of a call of Keras 3. */
export function tensorsIn(value: unknown): TensorReference[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  if (!isMap(value)) return []
  if (value['class_name'] !== TENSOR) return inOrder(value).flatMap(tensorsIn)
  const { keras_history, shape } = mapOf(value['config'])
  const [layer, call, tensor] = listOf(keras_history)
  return [{ layer: String(layer), call: Number(call), tensor: Number(tensor), shape: listOf(shape).slice(1) }]
}

/** The values of a map by their keys, which is how Keras flattens it. */
export function inOrder(value: Json): unknown[] {
  return Object.keys(value)
    .sort()
    .map((key) => value[key])
}
