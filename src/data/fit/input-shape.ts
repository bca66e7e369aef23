import type { Window } from '../../components/sources/options/window.ts'
import { DataError } from '../../errors.ts'
import { sizeOf } from '../../ir/ir.ts'
import { encodingOf } from '../../runtime/encodings/index.ts'
import type { Feature, InputState } from '../../runtime/preprocessing.ts'
import { widthOfAll } from '../../runtime/replay.ts'
import type { Table } from '../../table/table.ts'
import { counted, list, quote } from '../../wording.ts'

/** The shape of an input that consists of these features. */
export function shapeOf(features: readonly Feature[], window: Window | undefined): readonly number[] {
  const [first, ...others] = features
  if (first?.kind === 'array' && others.length === 0 && !window) return first.shape
  const width = widthOfAll(features)
  return window ? [window.steps, width] : [width]
}

/** Throws unless the features fill the input. */
export function checkShape(
  table: Table,
  { name, shape, features }: InputState,
  window: Window | undefined,
): void {
  const [first] = features
  const width = widthOfAll(features)
  const size = width * (window?.steps ?? 1)
  const fits =
    features.length === 1 && first?.kind === 'array' && !window
      ? sameLayout(first.shape, shape)
      : size === sizeOf(shape)
  if (fits) return
  const found = window ? `${width} in each of ${window.steps} steps` : String(width)
  throw new DataError(
    `${table.name}: the model's input ${quote(name)} takes ${counted(sizeOf(shape), 'number')} per row (shape [${shape.join(', ')}]), ` +
      `but the features give ${found}: ${list(features.map(describeFeature))}`,
    {
      hint: window
        ? `change the model's input to [${window.steps}, ${width}], or choose columns with data.features.columns or data.features.exclude`
        : "change the model's input shape, or choose columns with data.features.columns or data.features.exclude",
    },
  )
}

function describeFeature(feature: Feature): string {
  switch (feature.kind) {
    case 'encoded':
      return `${feature.column} (${encodingOf(feature).title})`
    case 'array':
      return `${feature.column} of shape [${feature.shape.join(', ')}]`
    case 'number':
      return `${feature.column}${feature.indicator ? ' (with an indicator)' : ''}`
  }
}

/** Equal shapes except for axes of length 1, or a flat one beside any other: the numbers lie in the same order. */
function sameLayout(data: readonly number[], model: readonly number[]): boolean {
  if (sizeOf(data) !== sizeOf(model)) return false
  const long = (shape: readonly number[]): number[] => shape.filter((length) => length !== 1)
  const [a, b] = [long(data), long(model)]
  return a.length <= 1 || b.length <= 1 || a.every((length, axis) => length === b[axis])
}
