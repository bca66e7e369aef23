import { sizeOf } from '../ir/ir.ts'
import { stringOf } from './cell.ts'
import type { Encoding } from './encodings/encoding.ts'
import { encodingOf } from './encodings/index.ts'
import type { ArrayFeature, Feature, NumberFeature } from './preprocessing.ts'
import { applyScaling } from './scaling.ts'

/** Count of the numbers of an input that a feature fills. */
export function widthOf(feature: Feature): number {
  switch (feature.kind) {
    case 'array':
      return sizeOf(feature.shape)
    case 'number':
      return feature.indicator ? 2 : 1
    case 'encoded':
      return encodingOf(feature).width
  }
}

/** The same of several features. */
export function widthOfAll(features: readonly Feature[]): number {
  return features.reduce((sum, feature) => sum + widthOf(feature), 0)
}

/** Writes a feature of the chosen rows, `stride` numbers apart; returns the first value that is not a finite float32. */
export function writeNumbers(
  feature: NumberFeature | ArrayFeature,
  values: ArrayLike<number>,
  rows: Uint32Array,
  into: Float32Array,
  stride: number,
): { row: number; value: number } | undefined {
  const isNumber = feature.kind === 'number'
  const width = isNumber ? 1 : sizeOf(feature.shape)
  const fill = isNumber ? feature.fill : undefined
  const indicator = isNumber && feature.indicator === true
  const [shared, ...others] = isNumber ? (feature.scaling ? [feature.scaling] : []) : feature.scalings
  const scalings = others.length > 0 && shared ? [shared, ...others] : undefined
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] ?? 0
    for (let i = 0; i < width; i++) {
      const value = values[row * width + i] ?? NaN
      const known = fill !== undefined && Number.isNaN(value) ? fill : value
      const encoded = Math.fround(applyScaling(scalings ? scalings[i % scalings.length] : shared, known))
      if (!Number.isFinite(encoded)) return { row, value: known }
      into[index * stride + i] = encoded
    }
    if (indicator && Number.isNaN(values[row])) into[index * stride + 1] = 1
  }
  return undefined
}

/** Writes a feature of the chosen rows, `stride` numbers apart; returns the first value that cannot be encoded. */
export function writeStrings(
  encoding: Encoding,
  values: ArrayLike<number | string>,
  rows: Uint32Array,
  into: Float32Array,
  stride: number,
): { row: number; string: string; fault: string } | undefined {
  for (const [index, row] of rows.entries()) {
    const string = stringOf(values[row])
    const fault = encoding.write(string, into, index * stride)
    if (fault !== undefined) return { row, string, fault }
  }
  return undefined
}
