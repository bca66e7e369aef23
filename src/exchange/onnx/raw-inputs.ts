// The fitted transforms of a model as operators of ONNX: raw columns become the numbers of an input.
import { rawColumns } from '../../runtime/columns.ts'
import type {
  ArrayFeature,
  EncodedFeature,
  Feature,
  InputState,
  NumberFeature,
  Preprocessing,
} from '../../runtime/preprocessing.ts'
import { categoryCodes, isCategorical, missingWords, REFUSED } from '../category-codes.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { isReadable, writeDates } from './raw-date.ts'
import { writeScaled } from './scaling.ts'

/** A fraction of its spread that a number is off at most as a float32, or the column takes float64. */
const MOST_ROUNDING = 2 ** -18
const FLOAT32_ROUNDING = 2 ** -24

const TYPES = { string: ElementType.string, array: ElementType.float } as const

/** The transforms that ONNX has no operators for, by column. */
export function lackingTransforms({ inputs, window, text }: Preprocessing): string[] {
  const lacking = inputs
    .flatMap(({ features }) => features)
    .flatMap((feature) => {
      if (feature.kind !== 'encoded' || isCategorical(feature)) return []
      const { column, transform } = feature
      if (transform !== 'date') return [`column ${column}: the transform ${transform}`]
      const pattern = text?.formats?.[column]
      return pattern === undefined || isReadable(pattern) ? [] : [`column ${column}: dates as ${pattern}`]
    })
  return window ? ['windows of a time series', ...lacking] : lacking
}

/** The columns as inputs of the graph: those whose mean is far from 0 beside their spread are float64. */
export function writeColumns(graph: GraphWriter, preprocessing: Preprocessing): void {
  const far = new Set(
    preprocessing.inputs.flatMap(({ features }) => features.filter(isFar).map(({ column }) => column)),
  )
  for (const { name, kind, shape } of rawColumns(preprocessing)) {
    const number = far.has(name) ? ElementType.double : ElementType.float
    graph.input(name, shape, kind === 'number' ? number : TYPES[kind])
  }
}

function isFar(feature: Feature): boolean {
  if (feature.kind !== 'number' || !feature.scaling) return false
  const { subtract, multiply } = feature.scaling
  return Math.abs(subtract * multiply) * FLOAT32_ROUNDING > MOST_ROUNDING
}

/** The tensor [rows, ...shape] of an input, NaN where `nnlab predict` refuses a value. */
export function writeInput(graph: GraphWriter, input: InputState, preprocessing: Preprocessing): string {
  const parts = input.features.map((feature) => writeFeature(graph, feature, preprocessing))
  const whole = parts.length === 1 ? parts[0] : graph.node('Concat', parts, { axis: 1 })
  return graph.node('Reshape', [whole ?? '', graph.integers([-1, ...input.shape])])
}

/** The float32 numbers [rows, width] of a feature, or the elements of an array. */
function writeFeature(graph: GraphWriter, feature: Feature, preprocessing: Preprocessing): string {
  switch (feature.kind) {
    case 'number':
      return writeNumber(graph, feature)
    case 'encoded':
      return feature.transform === 'date'
        ? writeDate(graph, feature, preprocessing)
        : writeEncoded(graph, feature, preprocessing)
    case 'array':
      return writeArray(graph, feature)
  }
}

function writeNumber(graph: GraphWriter, { column, fill, indicator, scaling }: NumberFeature): string {
  const double = graph.node('Cast', [column], { to: ElementType.double })
  const isMissing = graph.node('IsNaN', [double])
  const known =
    fill === undefined
      ? double
      : graph.node('Where', [isMissing, graph.constant([], Float64Array.of(fill)), double])
  const number = scaling
    ? writeScaled(graph, known, [scaling], [1])
    : graph.node('Cast', [known], { to: ElementType.float })
  if (!indicator) return number
  const mark = graph.node('Cast', [isMissing], { to: ElementType.float })
  return graph.node('Concat', [number, mark], { axis: 1 })
}

function writeArray(graph: GraphWriter, { column, shape, scalings }: ArrayFeature): string {
  return writeScaled(graph, column, scalings, shape)
}

/** Each string gets a code, and each code its numbers. */
function writeEncoded(graph: GraphWriter, feature: EncodedFeature, preprocessing: Preprocessing): string {
  const { column, scalings = [] } = feature
  const categories = categoryCodes(feature, preprocessing)
  if (!categories) throw new Error(`${feature.transform} is refused`)
  const { codes, other, width } = categories
  const code = graph.node('LabelEncoder', [column], {
    keys_strings: [...codes.keys()],
    values_int64s: [...codes.values()],
    default_int64: other,
  })
  const numbers =
    feature.transform === 'one_hot'
      ? oneHot(graph, code, width)
      : graph.node('Cast', [code], { to: ElementType.float })
  const encoded = writeScaled(graph, numbers, scalings, [width])
  const isRefused = graph.node('Equal', [code, graph.integers([REFUSED])])
  return graph.node('Where', [isRefused, graph.constant([], Float32Array.of(NaN)), encoded])
}

/** The numbers of dates, 0 where one is missing. */
function writeDate(
  graph: GraphWriter,
  { column, state, scalings = [] }: EncodedFeature & { readonly transform: 'date' },
  preprocessing: Preprocessing,
): string {
  const { numbers, invalid } = writeDates(graph, column, state, preprocessing.text?.formats?.[column])
  const words = missingWords(preprocessing, column).map((word) =>
    graph.node('Equal', [column, graph.string(word)]),
  )
  const [first = '', ...others] = words
  const isMissing = others.reduce((any, word) => graph.node('Or', [any, word]), first)
  const known = graph.node('Where', [isMissing, graph.constant([], Float32Array.of(0)), numbers])
  const encoded = writeScaled(graph, known, scalings, [scalings.length])
  const isRefused =
    preprocessing.missing === 'fill'
      ? graph.node('And', [invalid, graph.node('Not', [isMissing])])
      : graph.node('Or', [invalid, isMissing])
  return graph.node('Where', [isRefused, graph.constant([], Float32Array.of(NaN)), encoded])
}

/** Codes [rows, 1] as rows of 0 with a 1 in the place of the code; larger ones have none. */
function oneHot(graph: GraphWriter, code: string, width: number): string {
  const flat = graph.node('Reshape', [code, graph.integers([-1])])
  const depth = graph.constant([], BigInt64Array.of(BigInt(width)))
  return graph.node('OneHot', [flat, depth, graph.constant([2], Float32Array.of(0, 1))])
}

/** The operator set that the transforms take: a later one for dates. */
export function operatorSetOf({ inputs }: Preprocessing): 17 | 20 {
  const features = inputs.flatMap((input) => input.features)
  return features.some((feature) => feature.kind === 'encoded' && feature.transform === 'date') ? 20 : 17
}
