// Rows as plain objects become the numbers of a model's inputs, as those of a file do.

import { DataError } from '../errors.ts'
import { sizeOf } from '../ir/ir.ts'
import { nearest } from '../nearest.ts'
import { ownValue } from '../own-value.ts'
import { counted, list, quote } from '../wording.ts'
import type { Cell } from './cell.ts'
import { cellOf, flatRow, isPlainList, numberOfCell, textOfList } from './cell.ts'
import { columnValues, filledColumns, rawColumns } from './columns.ts'
import { encodingOf } from './encodings/index.ts'
import type { ArrayFeature, Feature, InputState, Preprocessing, WindowState } from './preprocessing.ts'
import { widthOf, widthOfAll, writeNumbers, writeStrings } from './replay.ts'
import type { FittedScaling } from './scaling.ts'
import { numberReader } from './number-format.ts'
import { cellReaders } from './text-form.ts'
import type { CellReader } from './text-form.ts'
import { bySeries, byTime, lastWindow, spanOf, timeOf } from './window.ts'

/** A row as a plain object: numbers, strings, booleans and lists by column, or objects of these; null, or nothing, is a missing value. */
export type RawRow = Readonly<Record<string, unknown>>

/** Rows, or windows of them, ready for a model. */
export type EncodedRawRows = {
  /** [predictions, ...shape] by the name of the input. */
  readonly inputs: ReadonlyMap<string, Float32Array>
  /** The row of each prediction: of a window, the last one. */
  readonly ends: Uint32Array
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

  encode(written: readonly RawRow[]): EncodedRawRows {
    const rows = rowsOf(written)
    const { inputs, window } = this.#preprocessing
    for (const { name } of rawColumns(this.#preprocessing)) requireColumn(rows, name)
    const windows = window && this.#lastWindows(rows, window)
    const places = windows ? Uint32Array.from(windows.flat()) : Uint32Array.from(rows.keys())
    const ends = windows ? Uint32Array.from(windows, (places) => places.at(-1) ?? 0) : places
    const encoded = inputs.map((input) => [input.name, this.#encodeInput(rows, places, input)] as const)
    return { inputs: new Map(encoded), ends, unseen: this.#unseenIn(rows, ends) }
  }

  /** The places of the rows of the last window of each series. */
  #lastWindows(rows: readonly RawRow[], window: WindowState): number[][] {
    const { series, time } = window
    const cellAt = (place: number, column: string): Cell =>
      cellOf(valueAt(rows[place], column), this.#readerOf(column))
    const inOrder = [...rows.keys()]
    if (time !== undefined && hasColumn(rows, time))
      inOrder.sort(byTime(inOrder.map((place) => this.#timeOf(cellAt(place, time), place, time))))
    const isDivided = series !== undefined && hasColumn(rows, series)
    const all = isDivided ? bySeries(inOrder, (place) => String(cellAt(place, series))) : [inOrder]
    return Array.from(all, (places) => {
      const last = lastWindow(places, window)
      if (last) return last
      const whose = isDivided ? ` of ${quote(String(cellAt(places[0] ?? 0, series)))}` : ''
      throw new DataError(
        `the model needs the last ${counted(spanOf(window), 'row')} of a series, but there are ${places.length}${whose}`,
      )
    })
  }

  #timeOf(cell: Cell, place: number, column: string): number {
    const number = typeof cell === 'string' ? this.#readNumber(cell) : cell
    const time = timeOf(number ?? cell)
    if (time !== undefined) return time
    throw refused(place, `${quote(String(cell))} in column ${quote(column)} is not a time`)
  }

  #encodeInput(rows: readonly RawRow[], places: Uint32Array, input: InputState): Float32Array {
    const { name, features } = input
    const stride = widthOfAll(features)
    const data = new Float32Array(places.length * stride)
    const [first] = features
    const isWritten =
      first?.kind === 'array' && features.length === 1 && writeBytes(rows, places, first, data)
    let offset = 0
    for (const feature of isWritten ? [] : features) {
      this.#encodeFeature(rows, places, feature, data.subarray(offset), stride)
      offset += widthOf(feature)
    }
    requireVectors(input, data, stride, places, this.#vectors.get(name))
    return data
  }

  /** Values are read at the places alone: the rows before a window may lack some. */
  #encodeFeature(
    rows: readonly RawRow[],
    places: Uint32Array,
    feature: Feature,
    into: Float32Array,
    stride: number,
  ): void {
    const { column } = feature
    if (feature.kind === 'encoded') {
      const strings: string[] = []
      for (const place of places) strings[place] = this.#stringAt(rows[place], place, column)
      const wrong = writeStrings(encodingOf(feature), strings, places, into, stride)
      if (wrong) throw refused(wrong.row, `${quote(wrong.string)} in column ${quote(column)} ${wrong.fault}`)
      return
    }
    const numbers = feature.kind === 'array' ? arraysOf(rows, places, feature) : new Float64Array(rows.length)
    if (feature.kind === 'number')
      for (const place of places) numbers[place] = this.#numberAt(rows[place], place, column)
    const wrong = writeNumbers(feature, numbers, places, into, stride)
    if (!wrong) return
    const found = Number.isNaN(wrong.value) ? 'a missing number' : String(wrong.value)
    throw refused(wrong.row, `${found} in ${quote(column)}: expected a finite 32-bit number`)
  }

  #numberAt(row: RawRow | undefined, i: number, column: string): number {
    const value = aloneIn(valueAt(row, column))
    if (!isScalar(value))
      throw refused(i, `column ${quote(column)} holds ${kindOf(value)}, but the model takes a number`)
    const number = numberOfCell(cellOf(value, this.#readerOf(column)), this.#readNumber)
    if (number === undefined)
      throw refused(i, `${quote(String(value))} in column ${quote(column)} is not a finite number`)
    if (Number.isNaN(number)) this.#requireFilled(i, column)
    return number
  }

  #stringAt(row: RawRow | undefined, i: number, column: string): string {
    const value = valueAt(row, column)
    if (isPlainList(value)) return textOfList(value)
    if (!isScalar(value))
      throw refused(i, `column ${quote(column)} holds ${kindOf(value)}, but the model takes a string`)
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

  #unseenIn(rows: readonly RawRow[], places: Uint32Array): Map<number, Record<string, string>> {
    const found = new Map<number, Record<string, string>>()
    for (const feature of this.#preprocessing.inputs.flatMap(({ features }) => features)) {
      if (feature.kind !== 'encoded') continue
      const { isUnseen } = encodingOf(feature)
      if (isUnseen === undefined) continue
      for (const place of places) {
        const string = this.#stringAt(rows[place], place, feature.column)
        if (isUnseen(string)) found.set(place, { ...found.get(place), [feature.column]: string })
      }
    }
    return found
  }
}

function refused(row: number, what: string): DataError {
  return new DataError(`row ${row + 1}: ${what}`)
}

/** The rows of a program, which types may not have checked, with the columns of the objects in them. */
function rowsOf(written: unknown): RawRow[] {
  if (!Array.isArray(written)) throw new DataError('the rows are not a list of objects such as [{ x: 1 }]')
  return Array.from(written, (row: unknown, i) => {
    if (isRow(row)) return flatRow(row)
    throw refused(i, `${kindOf(row)} is not an object of values by column`)
  })
}

function isRow(value: unknown): value is RawRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value of a column; NaN is missing, and dates are what JSON makes of them. */
function valueAt(row: RawRow | undefined, column: string): unknown {
  const value = ownValue(row, column)
  if (value instanceof Date) return value.toJSON() ?? undefined
  return Number.isNaN(value) ? undefined : value
}

/** Tells values that are one number or string, or missing. */
function isScalar(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value)
}

/** The kind of a value, for messages. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function hasColumn(rows: readonly RawRow[], column: string): boolean {
  return rows.some((row) => Object.hasOwn(row, column))
}

/** Throws for a column that no row has. */
function requireColumn(rows: readonly RawRow[], column: string): void {
  if (rows.length === 0 || hasColumn(rows, column)) return
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const close = nearest(column, names)
  throw new DataError(
    `the column ${quote(column)} is missing, which the model was trained on; the rows have ${list(names)}`,
    close === undefined ? {} : { hint: `is ${quote(close)} the column ${quote(column)}?` },
  )
}

/** The arrays of a column, one after the other. */
function arraysOf(
  rows: readonly RawRow[],
  places: Uint32Array,
  { column, shape }: ArrayFeature,
): Float64Array {
  const size = sizeOf(shape)
  const numbers = new Float64Array(rows.length * size)
  for (const place of places) {
    const flat = flatten(valueAt(rows[place], column))
    if (flat?.length !== size)
      throw refused(place, `column ${quote(column)} is not a list of numbers of shape [${shape.join(', ')}]`)
    numbers.set(flat, place * size)
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

/** The number that is alone in a list, as in a JSON file; any other value is itself. */
function aloneIn(value: unknown): unknown {
  const flat = flatten(value)
  return flat?.length === 1 ? flat[0] : value
}

function isNumbers(value: ArrayBufferView): value is ArrayBufferView & ArrayLike<number> {
  return !(value instanceof DataView || value instanceof BigInt64Array || value instanceof BigUint64Array)
}

/** Writes arrays of bytes, scaled as those of images are, in float32; returns false where there are others. */
function writeBytes(
  rows: readonly RawRow[],
  places: Uint32Array,
  { column, shape, scalings }: ArrayFeature,
  into: Float32Array,
): boolean {
  const size = sizeOf(shape)
  const arrays = Array.from(places, (place) => rows[place]?.[column])
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
  places: Uint32Array,
  vectors: number | undefined,
): void {
  if (vectors === undefined) return
  const at = data.findIndex((value) => !(value > -1 && value < vectors))
  if (at < 0) return
  const [only, ...others] = features
  const who = only && others.length === 0 ? `column ${quote(only.column)}` : `the input ${quote(name)}`
  throw refused(
    places[Math.floor(at / stride)] ?? 0,
    `${who} is encoded as ${data[at]}, but the embedding has vectors for 0 to ${vectors - 1} only`,
  )
}
