// Rows as plain objects become the numbers of a model's inputs, as those of a file do.

import { DataError } from '../errors.ts'
import { sizeOf } from '../ir/ir.ts'
import { nearest } from '../nearest.ts'
import { list, quote } from '../wording.ts'
import { cellOf, isPlainList, numberOfCell, textOfList } from './cell.ts'
import { columnValues, filledColumns, rawColumns } from './columns.ts'
import { encodingOf } from './encodings/index.ts'
import type { ArrayFeature, Feature, InputState, Preprocessing } from './preprocessing.ts'
import { widthOf, writeNumbers, writeStrings } from './replay.ts'
import type { FittedScaling } from './scaling.ts'
import { cellReaders, numberReader } from './text-form.ts'
import type { CellReader } from './text-form.ts'

/** A row as a plain object: numbers, strings, booleans and lists by column; null, or nothing, is a missing value. */
export type RawRow = Readonly<Record<string, unknown>>

/** Rows ready for a model. */
export type EncodedRawRows = {
  /** [rows, ...shape] by the name of the input. */
  readonly inputs: ReadonlyMap<string, Float32Array>
  /** The values that training never saw, by column, of each row that has some. */
  readonly unseen: ReadonlyMap<number, Readonly<Record<string, string>>>
}

/** The bytes of an array, such as the pixels of an image. */
type ByteArray = Uint8Array | Uint8ClampedArray

/** Encodes rows for a model; throws a DataError for a value that it cannot take. */
export class RawRows {
  readonly #preprocessing: Preprocessing
  readonly #filled: ReadonlySet<string>
  readonly #readerOf: (column: string) => CellReader
  readonly #readNumber: ReturnType<typeof numberReader>
  /** The numbers of vectors of embeddings, by the inputs that they look up. */
  readonly #vectors: ReadonlyMap<string, number>

  constructor(preprocessing: Preprocessing, vectors: ReadonlyMap<string, number>) {
    const { text = {} } = preprocessing
    this.#preprocessing = preprocessing
    this.#filled = filledColumns(preprocessing)
    // As in a JSON file, null is a missing value: words for it are those that a config lists.
    const form = { ...text, missing_values: text.missing_values ?? [] }
    this.#readerOf = cellReaders(form, columnValues(preprocessing))
    this.#readNumber = numberReader(text)
    this.#vectors = vectors
  }

  encode(rows: readonly RawRow[]): EncodedRawRows {
    const { inputs } = this.#preprocessing
    for (const { name } of rawColumns(this.#preprocessing)) requireColumn(rows, name)
    const encoded = inputs.map((input) => [input.name, this.#encodeInput(rows, input)] as const)
    return { inputs: new Map(encoded), unseen: this.#unseenIn(rows) }
  }

  #encodeInput(rows: readonly RawRow[], input: InputState): Float32Array {
    const { name, features } = input
    const stride = features.reduce((sum, feature) => sum + widthOf(feature), 0)
    const data = new Float32Array(rows.length * stride)
    const [first] = features
    const isWritten = first?.kind === 'array' && features.length === 1 && writeBytes(rows, first, data)
    let offset = 0
    for (const feature of isWritten ? [] : features) {
      this.#encodeFeature(rows, feature, data.subarray(offset), stride)
      offset += widthOf(feature)
    }
    requireVectors(input, data, stride, this.#vectors.get(name))
    return data
  }

  #encodeFeature(rows: readonly RawRow[], feature: Feature, into: Float32Array, stride: number): void {
    const { column } = feature
    const places = Uint32Array.from(rows.keys())
    if (feature.kind === 'encoded') {
      const strings = rows.map((row, i) => this.#stringAt(row, i, column))
      const wrong = writeStrings(encodingOf(feature), strings, places, into, stride)
      if (wrong) throw refused(wrong.row, `${quote(wrong.string)} in column ${quote(column)} ${wrong.fault}`)
      return
    }
    const numbers =
      feature.kind === 'number'
        ? Float64Array.from(rows, (row, i) => this.#numberAt(row, i, column))
        : arraysOf(rows, feature)
    const wrong = writeNumbers(feature, numbers, places, into, stride)
    if (!wrong) return
    const found = Number.isNaN(wrong.value) ? 'a missing number' : String(wrong.value)
    throw refused(wrong.row, `${found} in ${quote(column)}: expected a finite 32-bit number`)
  }

  #numberAt(row: RawRow, i: number, column: string): number {
    const value = valueAt(row, column)
    if (typeof value === 'object' && value !== null)
      throw refused(i, `column ${quote(column)} holds a list, but the model takes a number`)
    const number = numberOfCell(cellOf(value, this.#readerOf(column)), this.#readNumber)
    if (number === undefined)
      throw refused(i, `${quote(String(value))} in column ${quote(column)} is not a finite number`)
    if (Number.isNaN(number)) this.#requireFilled(i, column)
    return number
  }

  #stringAt(row: RawRow, i: number, column: string): string {
    const value = valueAt(row, column)
    if (isPlainList(value)) return textOfList(value)
    if (typeof value === 'object' && value !== null)
      throw refused(i, `column ${quote(column)} holds an object, but the model takes a string`)
    const cell = cellOf(value, this.#readerOf(column))
    if (cell === undefined) this.#requireFilled(i, column)
    return cell === undefined ? '' : String(cell)
  }

  #requireFilled(row: number, column: string): void {
    if (this.#filled.has(column)) return
    throw refused(
      row,
      `column ${quote(column)} has no value, and the model was trained on rows that have one`,
    )
  }

  #unseenIn(rows: readonly RawRow[]): Map<number, Record<string, string>> {
    const found = new Map<number, Record<string, string>>()
    for (const feature of this.#preprocessing.inputs.flatMap(({ features }) => features)) {
      if (feature.kind !== 'encoded') continue
      const { isUnseen } = encodingOf(feature)
      if (isUnseen === undefined) continue
      for (const [i, row] of rows.entries()) {
        const string = this.#stringAt(row, i, feature.column)
        if (isUnseen(string)) found.set(i, { ...found.get(i), [feature.column]: string })
      }
    }
    return found
  }
}

function refused(row: number, what: string): DataError {
  return new DataError(`row ${row + 1}: ${what}`)
}

/** The value of a column; what JSON cannot write is missing. */
function valueAt(row: RawRow, column: string): unknown {
  const value = Object.hasOwn(row, column) ? row[column] : undefined
  return typeof value === 'number' && !Number.isFinite(value) ? undefined : value
}

/** Throws for a column that no row has. */
function requireColumn(rows: readonly RawRow[], column: string): void {
  if (rows.length === 0 || rows.some((row) => Object.hasOwn(row, column))) return
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const close = nearest(column, names)
  throw new DataError(
    `the column ${quote(column)} is missing, which the model was trained on; the rows have ${list(names)}`,
    close === undefined ? {} : { hint: `is ${quote(close)} the column ${quote(column)}?` },
  )
}

/** The arrays of a column, one after the other. */
function arraysOf(rows: readonly RawRow[], { column, shape }: ArrayFeature): Float64Array {
  const size = sizeOf(shape)
  const numbers = new Float64Array(rows.length * size)
  for (const [i, row] of rows.entries()) {
    const flat = flatten(valueAt(row, column))
    if (flat?.length !== size)
      throw refused(i, `column ${quote(column)} is not a list of numbers of shape [${shape.join(', ')}]`)
    numbers.set(flat, i * size)
  }
  return numbers
}

/** The numbers of lists within lists, of a typed array, or one alone; undefined for anything else. */
function flatten(value: unknown): ArrayLike<number> | undefined {
  if (ArrayBuffer.isView(value)) return isNumbers(value) ? value : undefined
  if (typeof value === 'number') return [value]
  if (!Array.isArray(value)) return undefined
  const flat: unknown[] = value.flat(Infinity)
  return flat.every((item) => typeof item === 'number') ? flat : undefined
}

function isNumbers(value: ArrayBufferView): value is ArrayBufferView & ArrayLike<number> {
  return !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
}

/** Writes arrays of bytes, scaled as those of images are, in float32; returns false where there are others. */
function writeBytes(
  rows: readonly RawRow[],
  { column, shape, scalings }: ArrayFeature,
  into: Float32Array,
): boolean {
  const size = sizeOf(shape)
  const arrays = rows.map((row) => row[column])
  if (scalings.length > 1 || !arrays.every((array) => isBytes(array) && array.length === size)) return false
  const { multiply, add } = asFloat32(scalings[0])
  for (const [i, array] of arrays.entries()) {
    if (!isBytes(array)) continue
    for (const [k, byte] of array.entries())
      into[i * size + k] = scalings.length === 0 ? byte : Math.fround(byte * multiply) + add
  }
  return true
}

function isBytes(value: unknown): value is ByteArray {
  return value instanceof Uint8Array || value instanceof Uint8ClampedArray
}

function asFloat32({ subtract, multiply }: FittedScaling = { subtract: 0, multiply: 1 }) {
  return {
    multiply: Math.fround(multiply),
    add: Math.fround(subtract === 0 ? 0 : -subtract * multiply),
  }
}

/** Throws for a number beyond those that an embedding has vectors for. */
function requireVectors(
  { name, features }: InputState,
  data: Float32Array,
  stride: number,
  vectors: number | undefined,
): void {
  if (vectors === undefined) return
  const at = data.findIndex((value) => !(value > -1 && value < vectors))
  if (at < 0) return
  const [only, ...others] = features
  const who = only && others.length === 0 ? `column ${quote(only.column)}` : `the input ${quote(name)}`
  throw refused(
    Math.floor(at / stride),
    `${who} is encoded as ${data[at]}, but the embedding has vectors for 0 to ${vectors - 1} only`,
  )
}
