// The fitted transforms of a model as operators of ONNX: raw columns become the numbers of an input.
import type { Shape } from '../../ir/ir.ts'
import { rawColumns } from '../../runtime/columns.ts'
import type {
  EncodedFeature,
  Feature,
  InputState,
  NumberFeature,
  Preprocessing,
} from '../../runtime/preprocessing.ts'
import { spanOf } from '../../runtime/window.ts'
import { required } from '../../step/step-program.ts'
import { categoryCodes, isCategorical, missingWords, REFUSED } from '../category-codes.ts'
import { dayPattern } from '../day-pattern.ts'
import { farColumns, shapePerPrediction } from '../raw.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'
import { writeDates } from './raw-date.ts'
import { writeScaled } from './scaling.ts'

const TYPES = { string: ElementType.string, array: ElementType.float } as const

/** The transforms that ONNX has no operators for, by column. */
export function lackingTransforms({ inputs, text }: Preprocessing): string[] {
  return inputs
    .flatMap(({ features }) => features)
    .flatMap((feature) => {
      if (feature.kind !== 'encoded' || isCategorical(feature)) return []
      const { column, transform } = feature
      if (transform !== 'date') return [`column ${column}: the transform ${transform}`]
      const pattern = text?.formats?.[column]
      return pattern === undefined || dayPattern(pattern) ? [] : [`column ${column}: dates as ${pattern}`]
    })
}

/**
 * The columns as inputs of the graph: those whose mean is far from 0 beside their spread are float64. Returns the tensors
 * [rows, ...shape], where the rows are those of all windows of a time series.
 */
export function writeColumns(graph: GraphWriter, preprocessing: Preprocessing): Map<string, string> {
  const far = farColumns(preprocessing)
  return new Map(
    rawColumns(preprocessing).map((column) => {
      const { name, kind, shape } = column
      const number = far.has(name) ? ElementType.double : ElementType.float
      const type = kind === 'number' ? number : TYPES[kind]
      graph.input(name, shapePerPrediction(column, preprocessing), type)
      return [name, rowsOfWindows(graph, name, shape, preprocessing)]
    }),
  )
}

/** The rows of a column one below the other: those of windows at the distance of their steps. */
function rowsOfWindows(graph: GraphWriter, column: string, shape: Shape, { window }: Preprocessing): string {
  if (!window) return column
  const { sampling_rate: rate = 1 } = window
  const [start, end, axis, step] = [0, spanOf(window), 1, rate].map((one) => graph.integers([one]))
  const steps =
    rate === 1
      ? column
      : graph.node(
          'Slice',
          [column, start, end, axis, step].map((one) => one ?? ''),
        )
  return graph.node('Reshape', [steps, graph.integers([-1, ...shape])])
}

/** The tensor [rows, ...shape] of an input, NaN where `nnlab predict` refuses a value. */
export function writeInput(
  graph: GraphWriter,
  input: InputState,
  columns: ReadonlyMap<string, string>,
  preprocessing: Preprocessing,
): string {
  const parts = input.features.map((feature) =>
    writeFeature(graph, feature, required(columns, feature.column), preprocessing),
  )
  const whole = parts.length === 1 ? parts[0] : graph.node('Concat', parts, { axis: 1 })
  return graph.node('Reshape', [whole ?? '', graph.integers([-1, ...input.shape])])
}

/** The float32 numbers [rows, width] of a feature, or the elements of an array. */
function writeFeature(graph: GraphWriter, feature: Feature, x: string, preprocessing: Preprocessing): string {
  switch (feature.kind) {
    case 'number':
      return writeNumber(graph, feature, x)
    case 'encoded':
      return feature.transform === 'date'
        ? writeDate(graph, feature, x, preprocessing)
        : writeEncoded(graph, feature, x, preprocessing)
    case 'array':
      return writeScaled(graph, x, feature.scalings, feature.shape)
  }
}

function writeNumber(graph: GraphWriter, { fill, indicator, scaling }: NumberFeature, x: string): string {
  const double = graph.node('Cast', [x], { to: ElementType.double })
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

/** Each string gets a code, and each code its numbers. */
function writeEncoded(
  graph: GraphWriter,
  feature: EncodedFeature,
  x: string,
  preprocessing: Preprocessing,
): string {
  const { scalings = [] } = feature
  const categories = categoryCodes(feature, preprocessing)
  if (!categories) throw new Error(`${feature.transform} is refused`)
  const { codes, other, width } = categories
  const code = graph.node('LabelEncoder', [x], {
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
  x: string,
  preprocessing: Preprocessing,
): string {
  const { numbers, invalid } = writeDates(graph, x, state, preprocessing.text?.formats?.[column])
  const words = missingWords(preprocessing, column).map((word) =>
    graph.node('Equal', [x, graph.string(word)]),
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
