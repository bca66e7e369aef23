import type { Gather } from '../../backend/wasm/loop/gather.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { sizeOf } from '../../ir/ir.ts'

/** An array of a data set in its compact type, from which the rows of a batch are gathered. */
export type Column = Pick<Gather, 'storage' | 'size' | 'scale'> & {
  /** The name of the program's input: `input:NAME`, `target:NAME` or `weight:NAME`. */
  readonly input: string
  /** [rows, size]; undefined for the weights of the rows, which may differ in each call. */
  readonly numbers: Float32Array | Int32Array | Uint8Array | undefined
}

/** The columns of a data set, and what tells the programs for data sets of different types apart. */
export type Layout = { readonly columns: readonly Column[]; readonly key: string }

const known = new WeakMap<EncodedRows, Layout>()

export function layoutOf(encoded: EncodedRows): Layout {
  const layout = known.get(encoded) ?? describe(columnsOf(encoded))
  known.set(encoded, layout)
  return layout
}

function columnsOf({ inputs, targets }: EncodedRows): Column[] {
  return [
    ...inputs.map(({ name, shape, data, scale }): Column => ({
      input: `input:${name}`,
      numbers: data,
      storage: data instanceof Uint8Array ? 'u8' : data instanceof Int32Array ? 'i32' : 'f32',
      size: sizeOf(shape),
      ...(scale && { scale }),
    })),
    ...targets.flatMap(({ name, shape, data }): Column[] => [
      {
        input: `target:${name}`,
        numbers: data,
        storage: data instanceof Int32Array ? 'i32' : 'f32',
        size: sizeOf(shape),
      },
      { input: `weight:${name}`, numbers: undefined, storage: 'f32', size: 1 },
    ]),
  ]
}

function describe(columns: readonly Column[]): Layout {
  const key = columns
    .map(({ input, storage, scale }) => `${input}=${storage}*${scale?.multiply ?? 1}+${scale?.add ?? 0}`)
    .join()
  return { columns, key }
}
