import { DataError } from '../errors.ts'
import { fillFrom, shapeOfLists } from './cells.ts'
import { storeColumn } from './stored-column.ts'
import { quote, sizeOf } from './table.ts'
import type { SpoolFile } from './spool-file.ts'
import type { ArrayColumn, Column } from './table.ts'

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
  add(value: unknown, place: string): void {
    const start = this.#rows * this.#size
    if (start === this.#values.length) this.#grow()
    const end = fillFrom(this.#values, start, value, this.#shape)
    if (end !== start + this.#size || this.#shape.length === 0) {
      throw new DataError(
        `${place}: ${quote(this.name)} is not a list of numbers of shape [${this.#shape.join(', ')}], as in the first row`,
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

  #grow(): void {
    const larger = new Float64Array(Math.max(this.#size, 2 * this.#values.length))
    larger.set(this.#values)
    this.#values = larger
  }
}
