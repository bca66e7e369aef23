// The fields of a form for the raw rows of a model.
import { isMap } from '../../registry.ts'
import { filledColumns, rawColumns } from '../../runtime/columns.ts'
import type {
  ArrayFeature,
  EncodedFeature,
  Feature,
  NumberFeature,
  Preprocessing,
  WindowState,
} from '../../runtime/preprocessing.ts'
import { undoScaling } from '../../runtime/scaling.ts'
import { spanOf } from '../../runtime/window.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'

/** A field of a form; those that are optional may be left empty. */
export type FormField =
  | {
      readonly kind: 'number'
      readonly column: string
      readonly optional: boolean
      /** A usual value, and the range that most values are in. */
      readonly usual?: number | undefined
      readonly range?: readonly [number, number] | undefined
    }
  | {
      readonly kind: 'choice'
      readonly column: string
      readonly optional: boolean
      readonly choices: readonly string[]
    }
  | { readonly kind: 'date' | 'text'; readonly column: string; readonly optional: boolean }
  | {
      /** The rows of a series, with the number that a prediction takes. */
      readonly kind: 'series'
      readonly columns: readonly string[]
      readonly rows: number
    }
  | { readonly kind: 'list'; readonly column: string; readonly shape: readonly number[] }
  | {
      /** An image to draw or to drop: of one column, or of one for each pixel. */
      readonly kind: 'image'
      readonly columns: readonly string[]
      readonly height: number
      readonly width: number
      readonly channels: number
      /** The number of a white pixel; that of a black one is 0. */
      readonly white: number
    }

/** The fewest pixels across of an image whose pixels are columns. */
const LEAST_ACROSS = 5
const MOST_ACROSS = 512

/** `scale` is that of the config: `standard`, `{divide: 16}`. */
export function formFields(preprocessing: Preprocessing, scale: unknown): FormField[] {
  const features = distinct(preprocessing.inputs.flatMap((input) => input.features))
  const image = imageOfColumns(features, scale)
  if (image) return [image]
  const filled = filledColumns(preprocessing)
  return features.map((feature) => {
    const optional = filled.has(feature.column)
    switch (feature.kind) {
      case 'number':
        return { kind: 'number', column: feature.column, optional, ...numbersOf(feature, scale) }
      case 'encoded':
        return { ...stringsOf(feature), column: feature.column, optional }
      case 'array':
        return arrayField(feature, scale)
    }
  })
}

/** The field of a model that predicts what follows a series: its keys first, as files have them. */
export function seriesField(preprocessing: Preprocessing, window: WindowState): FormField {
  const { series, time } = window
  const keys = [series, time].filter((name) => name !== undefined)
  const columns = new Set([...keys, ...rawColumns(preprocessing).map(({ name }) => name)])
  return { kind: 'series', columns: [...columns], rows: spanOf(window) }
}

/** The features of columns, each once. */
function distinct(features: readonly Feature[]): Feature[] {
  return [...new Map(features.map((feature) => [feature.column, feature])).values()]
}

/** One image for a square number of columns that are named and scaled alike, as in p00, p01 ... */
function imageOfColumns(features: readonly Feature[], scale: unknown): FormField | undefined {
  const across = Math.sqrt(features.length)
  if (!Number.isInteger(across) || across < LEAST_ACROSS) return undefined
  const [first] = features
  const stem = (column: string): string => column.replace(/\d+$/, '')
  const isAlike = features.every(
    (feature) =>
      feature.kind === 'number' &&
      first?.kind === 'number' &&
      stem(feature.column) === stem(first.column) &&
      feature.column !== stem(feature.column) &&
      feature.scaling?.multiply === first.scaling?.multiply,
  )
  if (!isAlike || first?.kind !== 'number') return undefined
  const white = whiteOf(first.scaling, scale)
  const columns = features.map(({ column }) => column)
  return { kind: 'image', columns, height: across, width: across, channels: 1, white }
}

function arrayField({ column, shape, scalings }: ArrayFeature, scale: unknown): FormField {
  const [height = 0, width = 0, channels = 1, ...others] = shape
  const isImage =
    shape.length >= 2 &&
    others.length === 0 &&
    [1, 3].includes(channels) &&
    [height, width].every((length) => length >= LEAST_ACROSS && length <= MOST_ACROSS)
  if (!isImage) return { kind: 'list', column, shape }
  return { kind: 'image', columns: [column], height, width, channels, white: whiteOf(scalings[0], scale) }
}

/** Pixels are bytes, unless they are divided by another number. */
function whiteOf(scaling: FittedScaling | undefined, scale: unknown): number {
  const isDivided = isMap(scale) && scaling?.subtract === 0
  return isDivided ? 1 / scaling.multiply : 255
}

function stringsOf({
  transform,
  state,
}: EncodedFeature): { kind: 'choice'; choices: readonly string[] } | { kind: 'date' | 'text' } {
  if (transform === 'date') return { kind: 'date' }
  if (transform !== 'one_hot' && transform !== 'ordinal') return { kind: 'text' }
  const untrained = new Set(state.untrained)
  const choices = state.categories.filter((category) => category !== '' && !untrained.has(category))
  return { kind: 'choice', choices }
}

/** A usual value of a column, and the range of most values, as its scaling tells. */
function numbersOf(
  { fill, scaling }: NumberFeature,
  scale: unknown,
): { usual?: number; range?: [number, number] } {
  if (scaling === undefined) return fill === undefined ? {} : { usual: fill }
  // Scaled to mean 0 and deviation 1, or to 0 ... 1.
  const [low, middle, high] = scale === 'standard' || scale === 'robust' ? [-1, 0, 1] : [0, 0.5, 1]
  const at = (scaled: number): number => Number(undoScaling(scaling, scaled).toPrecision(3))
  return { usual: fill ?? at(middle), range: [at(low), at(high)] }
}
