import type { EncodedRows } from './encoded-rows.ts'

/** Rows that are in memory for a while. */
export type RowWindow = {
  encoded: EncodedRows
  /** Position of each row of the window in `encoded`, in the window's order. */
  order: Uint32Array
  /** Position of each row in its split: the key of its random numbers. */
  rows: Uint32Array
}

/** The rows of a split, all of them in memory or most of them on disk. */
export interface RowSet {
  readonly rows: number
  /** All rows, where they are in memory. */
  readonly whole: EncodedRows | undefined
  /** Maximum rows of a window. */
  readonly windowRows: number
  /** Brings rows of the split into memory, in this order. */
  window(rows: Uint32Array): Promise<RowWindow>
  /** Frees the memory of a window. */
  release(window: RowWindow): void
}

/**
 * The rows of a split window by window, in the order that `rowsAt` gives for positions from `from` up to `end`; the next
 * window is read while one is in use. All windows but the last hold whole batches.
 */
export async function* windowsOf(
  set: RowSet,
  rowsAt: (first: number, end: number) => Uint32Array,
  { from = 0, end = set.rows, batchSize = 1 }: { from?: number; end?: number; batchSize?: number } = {},
): AsyncGenerator<RowWindow> {
  const most = Math.max(1, Math.floor(set.windowRows / batchSize)) * batchSize
  const read = (first: number): Promise<RowWindow> | undefined =>
    first < end ? set.window(rowsAt(first, Math.min(end, first + most))) : undefined
  let position = from
  let next = read(position)
  try {
    while (next) {
      const window = await next
      position += window.rows.length
      next = read(position)
      // A failure is thrown where the window is awaited.
      next?.catch(() => undefined)
      yield window
      set.release(window)
    }
  } finally {
    // No read may outlive the generator.
    await next?.catch(() => undefined)
  }
}

/** Rows in memory: one window holds them all. */
export function inMemory(encoded: EncodedRows): RowSet {
  return {
    rows: encoded.rows,
    whole: encoded,
    windowRows: Infinity,
    window: (rows) => Promise.resolve({ encoded, order: rows, rows }),
    release: () => undefined,
  }
}
