import type { SpoolFile } from '../../table/columns/spool-file.ts'
import type { Spool } from '../../table/columns/spool.ts'
import { likeOf } from '../../table/columns/typed-array.ts'
import type { Numbers } from '../../table/columns/typed-array.ts'
import type { EncodedRows } from './encoded-rows.ts'
import { inOrder } from './in-order.ts'
import { inMemory } from './row-set.ts'
import type { RowSet, RowWindow } from './row-set.ts'

/** One array of encoded rows on disk, of `size` numbers per row. */
type Field = { file: SpoolFile; size: number; empty: Numbers }

/** Maximum distance of rows that are read at once, with those between them. */
const MAX_GAP_BYTES = 2 ** 16
/** Numbers of a row that are copied at once: a loop is faster for fewer. */
const LONG_ROW = 16
/** Maximum bytes that are read at once. */
const MAX_READ_BYTES = 2 ** 22

/**
 * Writes encoded rows to disk, chunk after chunk; if all of them fit into one window, they are read back into memory, unless
 * the spool keeps all rows on disk.
 */
export function storeRows(chunks: Iterable<EncodedRows>, spool: Spool): RowSet {
  let fields: Field[] | undefined
  let form: EncodedRows | undefined
  let rows = 0
  for (const chunk of chunks) {
    form ??= chunk
    fields ??= arraysOf(chunk).map((array) => ({
      file: spool.open(),
      size: array.length / chunk.rows,
      empty: array.slice(0, 0),
    }))
    for (const [i, array] of arraysOf(chunk).entries()) fields[i]?.file.append(array)
    rows += chunk.rows
  }
  if (!fields || !form) throw new Error('there are no rows to store')
  const bytes = fields.reduce((sum, { size, empty }) => sum + size * empty.BYTES_PER_ELEMENT, 0)
  const empty = fields.map((field) => field.empty)
  const stored = new StoredRows(withArrays(form, empty, 0), fields, rows, spool.windowBytes / bytes)
  if (spool.storesAll || rows > stored.windowRows) return stored
  const whole = stored.readAll()
  spool.close(fields.map(({ file }) => file))
  return inMemory(whole)
}

/** Encoded rows on disk, each array in a file of its own. */
class StoredRows implements RowSet {
  readonly rows: number
  readonly whole = undefined
  readonly windowRows: number
  readonly #form: EncodedRows
  readonly #fields: readonly Field[]
  /** Sets of arrays that no window uses, one array a field. */
  readonly #idle: Numbers[][] = []
  readonly #used = new Map<RowWindow, Numbers[]>()

  constructor(form: EncodedRows, fields: readonly Field[], rows: number, windowRows: number) {
    this.#form = form
    this.#fields = fields
    this.rows = rows
    this.windowRows = Math.max(1, Math.floor(windowRows))
  }

  readAll(): EncodedRows {
    const arrays = this.#fields.map(({ file, size, empty }) =>
      file.readSync(0, likeOf(empty, this.rows * size)),
    )
    return withArrays(this.#form, arrays, this.rows)
  }

  async window(rows: Uint32Array): Promise<RowWindow> {
    const room = this.#take(rows.length)
    const arrays = this.#fields.map(
      ({ size }, i) => room[i]?.subarray(0, rows.length * size) ?? new Uint8Array(),
    )
    const positions = isRun(rows) ? undefined : inFileOrder(rows)
    for (const [i, array] of arrays.entries()) {
      const field = this.#fields[i]
      if (!field) continue
      if (positions) await readScattered(field, rows, positions, array)
      else await field.file.read((rows[0] ?? 0) * field.size * array.BYTES_PER_ELEMENT, array)
    }
    const encoded = withArrays(this.#form, arrays, rows.length)
    const window = { encoded, rows, order: inOrder(0, rows.length) }
    this.#used.set(window, room)
    return window
  }

  release(window: RowWindow): void {
    const room = this.#used.get(window)
    if (room && this.#used.delete(window)) this.#idle.push(room)
  }

  /** Arrays for `rows` rows: those of an earlier window if they are large enough. */
  #take(rows: number): Numbers[] {
    const room = this.#idle.pop()
    const isLarge = this.#fields.every(({ size }, i) => (room?.[i]?.length ?? 0) >= rows * size)
    return room && isLarge ? room : this.#fields.map(({ size, empty }) => likeOf(empty, rows * size))
  }
}

/** The arrays of encoded rows, always in the same order. */
function arraysOf({ inputs, targets, sampleWeight, sourceRow }: EncodedRows): Numbers[] {
  const arrays = [...inputs, ...targets].map(({ data }): Numbers => data)
  return [...arrays, ...(sampleWeight ? [sampleWeight] : []), sourceRow]
}

/** Encoded rows of this form with other arrays. */
function withArrays(form: EncodedRows, arrays: readonly Numbers[], rows: number): EncodedRows {
  const rest = [...arrays]
  const next = <T extends Numbers>(type: abstract new (...args: never[]) => T): T => {
    const array = rest.shift()
    if (array instanceof type) return array
    throw new Error('the arrays of stored rows do not match their form')
  }
  const like = (data: Numbers) =>
    data instanceof Uint8Array
      ? next(Uint8Array)
      : data instanceof Int32Array
        ? next(Int32Array)
        : next(Float32Array)
  return {
    rows,
    inputs: form.inputs.map((input) => ({ ...input, data: like(input.data) })),
    targets: form.targets.map((target) =>
      target.kind === 'classes'
        ? { ...target, data: next(Int32Array) }
        : { ...target, data: next(Float32Array) },
    ),
    ...(form.sampleWeight && { sampleWeight: next(Float32Array) }),
    sourceRow: next(Uint32Array),
  }
}

/** True if the rows are consecutive. */
function isRun(rows: Uint32Array): boolean {
  const [first = 0] = rows
  return rows.every((row, i) => row === first + i)
}

/** Positions in `rows`, by ascending row. */
function inFileOrder(rows: Uint32Array): Uint32Array {
  // Row and position in one number below 2^53, which sorts faster than with a comparison function.
  const keys = Float64Array.from(rows, (row, position) => row * rows.length + position).sort()
  return Uint32Array.from(keys, (key) => key % rows.length)
}

/** Reads rows in the order of the file, near ones at once, and puts each into its position. */
async function readScattered(
  { file, size, empty }: Field,
  rows: Uint32Array,
  positions: Uint32Array,
  into: Numbers,
): Promise<void> {
  const rowBytes = size * empty.BYTES_PER_ELEMENT
  const most = Math.max(1, Math.floor(MAX_READ_BYTES / rowBytes))
  const near = Math.max(1, Math.floor(MAX_GAP_BYTES / rowBytes))
  const rowAt = (i: number): number => rows[positions[i] ?? 0] ?? 0
  let piece = likeOf(empty, 0)
  let first = 0
  while (first < positions.length) {
    const start = rowAt(first)
    let end = first + 1
    while (end < positions.length && rowAt(end) - start < most && rowAt(end) - rowAt(end - 1) <= near) end++
    const count = rowAt(end - 1) - start + 1
    if (piece.length < count * size) piece = likeOf(empty, count * size)
    await file.read(start * rowBytes, piece.subarray(0, count * size))
    for (let i = first; i < end; i++) {
      const from = (rowAt(i) - start) * size
      const to = (positions[i] ?? 0) * size
      if (size > LONG_ROW) into.set(piece.subarray(from, from + size), to)
      else for (let k = 0; k < size; k++) into[to + k] = piece[from + k] ?? 0
    }
    first = end
  }
}
