import { specValue } from '../../text/runs.ts'
import { boundsOf } from './frame.ts'
import type { Axis } from './frame.ts'

/** Numbers that span as many times the smallest are on a logarithmic axis, where half of them are in this part of a linear one. */
const [LOGARITHMIC, CROWDED] = [50, 0.2]

/** Values of a key of the config as numbers of an axis; values that are no numbers are at equal distances. */
export function valueAxis(
  label: string,
  values: readonly unknown[],
): { readonly axis: Axis; readonly places: readonly number[] } {
  const known = values.filter((value) => value !== undefined)
  if (known.every((value) => typeof value === 'number')) {
    const [low, high] = boundsOf(known)
    const middle = known.toSorted((a, b) => a - b)[known.length >> 1] ?? 0
    const isLog = low > 0 && high / low >= LOGARITHMIC && middle < low + CROWDED * (high - low)
    const places = values.map((value) => (typeof value === 'number' ? value : NaN))
    return { axis: { label, domain: [low, high], isLog, isNice: true }, places }
  }
  const texts = values.map((value) => (value === undefined ? undefined : specValue(value)))
  const names = [...new Set(texts.filter((text) => text !== undefined))].toSorted()
  const places = texts.map((text) => (text === undefined ? NaN : names.indexOf(text)))
  return { axis: { label, domain: [0, names.length - 1], names }, places }
}
