// The fitted transforms of a model as layers of Keras: raw columns become the numbers of an input.
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { rawColumns } from '../../runtime/columns.ts'
import type { TokensState } from '../../runtime/encodings/tokens.ts'
import type {
  EncodedFeature,
  Feature,
  InputState,
  NumberFeature,
  Preprocessing,
} from '../../runtime/preprocessing.ts'
import { widthOfAll } from '../../runtime/replay.ts'
import { applyScaling } from '../../runtime/scaling.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import { spanOf } from '../../runtime/window.ts'
import { required } from '../../step/step-program.ts'
import { categoryCodes, missingWords, REFUSED, unknownTo } from '../category-codes.ts'
import { farColumns, shapePerPrediction } from '../raw.ts'
import type { Hdf5Array } from './hdf5.ts'
import { Float } from './json.ts'
import type { LayerWriter } from './layer-writer.ts'
import type { TensorReference } from './tensors.ts'

/** Numbers of the table of a column of categories, at most. */
const MOST_IN_TABLE = 2 ** 24
/** Keras divides by no smaller deviation. Keras symbol: keras.config.epsilon. */
const SMALLEST_DEVIATION = 1e-7

/** The part of a feature that Keras has no layers for; undefined where there is none. */
export function lackingIn(feature: Feature, preprocessing: Preprocessing): string | undefined {
  const scalings = scalingsOf(feature)
  if (scalings.some(({ multiply }) => Math.abs(1 / multiply) < SMALLEST_DEVIATION))
    return `numbers that differ by less than ${SMALLEST_DEVIATION}`
  if (feature.kind !== 'encoded') return undefined
  if (feature.transform === 'tokens') return lackingOfTokens(feature.state, preprocessing)
  const categories = categoryCodes(feature, preprocessing)
  if (!categories) return `the transform ${feature.transform}`
  const size = (categories.codes.size + 1) * categories.width
  return size > MOST_IN_TABLE ? `one-hot codes of ${categories.width} categories` : undefined
}

function lackingOfTokens(
  { words, standardize, padding = 'post', truncating = 'post' }: TokensState,
  { window }: Preprocessing,
): string | undefined {
  if (window) return 'the transform tokens in windows'
  if (padding === 'pre' || truncating === 'pre')
    return 'the transform tokens with padding or truncating at the start'
  const hasCase = (word: string): boolean =>
    [...word].some((one) => one > '\u007f' && one.toUpperCase() !== one)
  if (standardize.startsWith('lower') && words.some(hasCase)) return 'words in lower case beyond ASCII'
  return words.includes('[UNK]') ? 'the word [UNK]' : undefined
}

function scalingsOf(feature: Feature): readonly FittedScaling[] {
  if (feature.kind === 'number') return feature.scaling ? [feature.scaling] : []
  return feature.scalings ?? []
}

export class RawInputs {
  /** The tables of embeddings, by the names of their layers. */
  readonly tables = new Map<string, Hdf5Array>()
  readonly #writer: LayerWriter
  readonly #preprocessing: Preprocessing
  readonly #columns: ReadonlyMap<string, TensorReference>
  /** Columns that float32 would round too much. */
  readonly #far: ReadonlySet<string>
  /** The axis of the steps of a window. */
  readonly #steps: Shape

  constructor(writer: LayerWriter, preprocessing: Preprocessing) {
    this.#writer = writer
    this.#preprocessing = preprocessing
    this.#far = farColumns(preprocessing)
    this.#columns = new Map(
      rawColumns(preprocessing).map((column) => {
        const dtype = column.kind === 'string' ? 'string' : this.#far.has(column.name) ? 'float64' : 'float32'
        return [column.name, writer.input(column.name, shapePerPrediction(column, preprocessing), dtype)]
      }),
    )
    const { window } = preprocessing
    this.#steps = window ? [spanOf(window)] : []
  }

  /** The numbers of an input, NaN where `nnlab predict` refuses a value. */
  input({ name, shape, features }: InputState): TensorReference {
    const writer = this.#writer
    const { window } = this.#preprocessing
    const parts = features.map((feature) => this.#feature(feature))
    const [first, ...others] = parts
    if (!first) throw new Error('an input has a feature')
    let whole =
      others.length > 0 ? writer.layer('Concatenate', `${name}_numbers`, parts, { axis: -1 }) : first
    const { sampling_rate: rate = 1 } = window ?? {}
    if (rate > 1)
      whole = writer.layer('AveragePooling1D', `${name}_steps`, whole, { pool_size: 1, strides: rate })
    const width = widthOfAll(features)
    const made = window ? [window.steps, width] : [width]
    return String(made) === String(shape) ? whole : this.#reshaped(name, whole, shape)
  }

  /** The numbers [rows, width] of a feature, or [rows, steps, width]. */
  #feature(feature: Feature): TensorReference {
    const x = required(this.#columns, feature.column)
    switch (feature.kind) {
      case 'number':
        return this.#number(feature, x)
      case 'array': {
        const { column, shape, scalings } = feature
        const scaled = this.#scaled(column, x, scalings, [...this.#steps, ...shape])
        return shape.length === 1 ? scaled : this.#reshaped(column, scaled, [...this.#steps, sizeOf(shape)])
      }
      case 'encoded':
        return feature.transform === 'tokens'
          ? this.#words(feature, feature.state, x)
          : this.#categories(feature, x)
    }
  }

  #number({ column, fill, indicator, scaling }: NumberFeature, given: TensorReference): TensorReference {
    const writer = this.#writer
    const x = this.#steps.length > 0 ? this.#reshaped(column, given, [...this.#steps, 1]) : given
    const known =
      fill === undefined ? x : writer.operation('Where', [writer.operation('Isnan', [x]), new Float(fill), x])
    const number = this.#scaled(column, known, scaling ? [scaling] : [], [...this.#steps, 1])
    if (!indicator) return number
    const mark = writer.operation('Where', [writer.operation('Isnan', [x]), new Float(1), new Float(0)])
    return writer.layer('Concatenate', `${column}_and_missing`, [number, mark], { axis: -1 })
  }

  /** A table with the numbers of each string that is known, and before them those of all others. */
  #categories(feature: EncodedFeature, x: TensorReference): TensorReference {
    const { column, scalings = [], transform } = feature
    const categories = categoryCodes(feature, this.#preprocessing)
    if (!categories) throw new Error(`${transform} is refused`)
    const { codes, other, width } = categories
    const rows = [other, ...codes.values()].flatMap((code) =>
      Array.from({ length: width }, (_, i) => {
        if (code === REFUSED) return NaN
        return applyScaling(scalings[i], transform === 'one_hot' ? Number(code === i) : code)
      }),
    )
    const place = this.#lookup(column, x, [...codes.keys()])
    const shape = [codes.size + 1, width]
    const config = { input_dim: codes.size + 1, output_dim: width, trainable: false }
    const table = this.#writer.layer('Embedding', `${column}_table`, place, config)
    this.tables.set(table.layer, { shape, data: Float32Array.from(rows) })
    return this.#reshaped(column, table, [...this.#steps, width])
  }

  /** The places of strings in a list, from 1; 0 for others. */
  #lookup(column: string, x: TensorReference, vocabulary: readonly string[]): TensorReference {
    const config = {
      vocabulary,
      num_oov_indices: 1,
      oov_token: unknownTo(new Set(vocabulary)),
      mask_token: null,
    }
    return this.#writer.layer('StringLookup', `${column}_lookup`, x, config)
  }

  /** The ids of words; none where the text is missing. */
  #words({ column, scalings = [] }: EncodedFeature, state: TokensState, x: TensorReference): TensorReference {
    const writer = this.#writer
    const { words, standardize, split, length } = state
    const ids = writer.layer('TextVectorization', `${column}_words`, x, {
      vocabulary: words,
      standardize: standardize === 'none' ? null : standardize,
      ngrams: null,
      split,
      output_mode: 'int',
      output_sequence_length: length,
    })
    const missing = this.#lookup(`${column}_missing`, x, missingWords(this.#preprocessing, column))
    const isGiven = writer.operation('Equal', [missing, 0])
    const blank = this.#preprocessing.missing === 'fill' ? 0 : NaN
    const known = writer.operation('Where', [isGiven, ids, new Float(blank)])
    return this.#scaled(column, known, scalings, [length])
  }

  #scaled(
    column: string,
    x: TensorReference,
    scalings: readonly FittedScaling[],
    shape: Shape,
  ): TensorReference {
    const [first] = scalings
    const name = `${column}_scaled`
    if (!first || !this.#far.has(column))
      return normalized(this.#writer, name, x, { scalings, shape, invert: false })
    // A Normalization has its mean in float32, whatever its type.
    const around = this.#writer.operation('Subtract', [x, new Float(first.subtract)])
    return normalized(this.#writer, name, around, {
      scalings: [{ ...first, subtract: 0 }],
      shape,
      invert: false,
    })
  }

  #reshaped(name: string, x: TensorReference, shape: Shape): TensorReference {
    return this.#writer.layer('Reshape', `${name}_shape`, x, { target_shape: shape })
  }
}

type Normalized = {
  readonly scalings: readonly FittedScaling[]
  readonly shape: Shape
  /** Undoes the scaling. */
  readonly invert: boolean
}

/** Scaled numbers, or those before they were scaled: one scaling for all, or one for each of the last axes. */
export function normalized(
  writer: LayerWriter,
  name: string,
  x: TensorReference,
  { scalings, shape, invert }: Normalized,
): TensorReference {
  const [first] = scalings
  if (!first) return x
  const numbers = (of: (one: FittedScaling) => number): Float | Float[] =>
    scalings.length === 1 ? new Float(of(first)) : scalings.map((one) => new Float(of(one)))
  if (!invert && scalings.length === 1 && first.subtract === 0)
    return writer.layer('Rescaling', name, x, { scale: new Float(first.multiply), offset: new Float(0) })
  const config = {
    axis: scalings.length === 1 ? null : -1,
    mean: numbers((one) => one.subtract),
    variance: numbers((one) => one.multiply ** -2),
    invert,
  }
  if (scalings.length === 1 || scalings.length === shape.at(-1))
    return writer.layer('Normalization', name, x, config)
  const axis = shape.findIndex((_, i) => sizeOf(shape.slice(i)) === scalings.length)
  const flat = writer.layer('Reshape', name, x, { target_shape: [...shape.slice(0, axis), scalings.length] })
  const scaled = writer.layer('Normalization', name, flat, config)
  return writer.layer('Reshape', name, scaled, { target_shape: shape })
}
