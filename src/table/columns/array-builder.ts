import { DataError } from '../../errors.ts'
import { doubled } from '../../float-arrays.ts'
import { sizeOf } from '../../ir/ir.ts'
import { quote } from '../../wording.ts'
import { nestedShape } from '../nested-lists.ts'
import type { NestedValue } from '../nested-lists.ts'
import type { ArrayColumn, Column } from '../table.ts'
import type { SpoolFile } from './spool-file.ts'
import { storeColumn } from './stored-column.ts'

/** The most axes that lists in lists may have. */
const MOST_DIMENSIONS = 8

/** Grows one column of nested lists of numbers, all of the shape of the first. */
export class ArrayBuilder {
  readonly name: string
  readonly #shape: readonly number[]
  readonly #size: number
  #values: Float64Array
  #rows = 0

  constructor(name: string, first: unknown) {
    this.name = name
    this.#shape = shapeOfLists(first)
    this.#size = sizeOf(this.#shape)
    this.#values = new Float64Array(this.#size)
  }

  get bytes(): number {
    return 8 * this.#rows * this.#size
  }

  /** Adds the list of a row, which an error message calls `place`. */
  add(value: unknown, place: () => string): void {
    const start = this.#rows * this.#size
    if (start === this.#values.length) this.#values = doubled(this.#values)
    const end = fillFrom(this.#values, start, value, this.#shape)
    if (end !== start + this.#size || this.#shape.length === 0) {
      throw new DataError(
        `${place()}: ${quote(this.name)} is not a list of numbers of shape [${this.#shape.join(', ')}], as in the first row`,
        {
          hint: `lists of ids may differ in length with data.features.transforms: {${this.name}: {type: sequence, output_sequence_length: ...}}`,
        },
      )
    }
    this.#rows += 1
  }

  finish(): ArrayColumn {
    const values = this.#values.slice(0, this.#rows * this.#size)
    return { kind: 'array', name: this.name, shape: this.#shape, values }
  }

  cut(file: SpoolFile): () => Column {
    const stored = storeColumn(file, this.finish())
    this.#values = new Float64Array(this.#size)
    this.#rows = 0
    return () => stored
  }
}

/** The shape of nested lists of numbers; empty for anything else. */
function shapeOfLists(value: unknown): number[] {
  return isNested(value, MOST_DIMENSIONS) ? nestedShape(value) : []
}

function isNested(value: unknown, depth: number): value is NestedValue {
  if (!Array.isArray(value)) return typeof value === 'number'
  return depth > 0 && value.every((item) => isNested(item, depth - 1))
}

/** Writes nested lists of this shape from `start` on; returns the end, or NaN where they have another shape. */
function fillFrom(
  values: Float64Array,
  start: number,
  value: unknown,
  [length, ...rest]: readonly number[],
): number {
  if (length === undefined) {
    if (typeof value !== 'number') return NaN
    values[start] = value
    return start + 1
  }
  if (!Array.isArray(value) || value.length !== length) return NaN
  return value.reduce<number>((position, item) => fillFrom(values, position, item, rest), start)
}
