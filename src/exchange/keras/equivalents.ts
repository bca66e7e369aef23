// Layers of Keras that nnlab has under another name.
import { augmentations } from '../../components/augmentations/index.ts'
import type { WrittenOptions } from '../foreign-model.ts'
import type { Json } from './read-objects.ts'

type Equivalent = (config: Json) => WrittenOptions | undefined

const EQUIVALENTS: ReadonlyMap<string, Equivalent> = new Map([
  ['Identity', identity],
  ['Normalization', normalization],
])

/** The layer that predicts the same; undefined where the class is none of these, or its options are others than nnlab has. */
export function equivalentOf(className: string, config: Json): WrittenOptions | undefined {
  return (augmentations.find(className) ? identity : EQUIVALENTS.get(className))?.(config)
}

function identity(): WrittenOptions {
  return { type: 'activation' }
}

/**
 * Subtracts means and divides by deviations, which are weights where they were adapted to rows, else options. As Keras
 * divides by 1e-7 at least, the epsilon of a variance is its square.
 */
function normalization({ axis, mean, variance, invert }: Json): WrittenOptions | undefined {
  if (invert === true) return undefined
  if (mean === null || mean === undefined) {
    // Without an axis, each of its weights is one number.
    const [only = -1, ...others] = [axis ?? []].flat()
    if (typeof only !== 'number' || others.length > 0) return undefined
    return {
      type: 'batch_normalization',
      ...(only !== -1 && { axis: only }),
      center: false,
      scale: false,
      epsilon: 1e-14,
      trainable: false,
    }
  }
  const [means, variances] = [alongLast(mean), alongLast(variance)]
  if (!means || !variances) return undefined
  const deviations = variances.map((one) => Math.max(Math.sqrt(one), 1e-7))
  const at = (list: readonly number[], i: number): number => list[i % list.length] ?? NaN
  const length = Math.max(means.length, deviations.length)
  const scale = Array.from({ length }, (_, i) => 1 / at(deviations, i))
  const offset = scale.map((factor, i) => -factor * at(means, i))
  return length === 1
    ? { type: 'rescaling', scale: scale[0], offset: offset[0] }
    : { type: 'rescaling', scale, offset }
}

/** A number, or those along the last axis; undefined where there are some along another one. */
function alongLast(value: unknown): number[] | undefined {
  const list = [value].flat()
  if (list.every((one) => typeof one === 'number')) return list
  const [inner, ...others] = list
  return others.length === 0 && Array.isArray(inner) ? alongLast(inner) : undefined
}
