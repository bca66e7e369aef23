import type { Gather } from '../../backend/wasm/loop/gather.ts'
import type { EncodedRows } from '../../data/rows/encoded-rows.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Task } from '../../step/task.ts'

/** An array of encoded rows in its compact type, from which the rows of a batch are gathered. */
export type StoredColumn = Pick<Gather, 'storage' | 'size' | 'scale'> & {
  /** The part of a step's inputs that it is gathered to. */
  readonly kind: 'inputs' | 'targets' | 'rowWeights'
  /** The name of the model's input or output. */
  readonly name: string
  /** [rows, size]; undefined for the weights of the rows, which may differ in each call. */
  readonly numbers: Float32Array | Int32Array | Uint8Array | undefined
}

/** The columns of encoded rows, and what tells the programs for rows of different types apart. */
export type StoredLayout = { readonly columns: readonly StoredColumn[]; readonly key: string }

/** The columns of the rows that a model with these outputs takes. */
export function layoutOf({ inputs, targets }: EncodedRows, outputs: Task['outputs']): StoredLayout {
  const columns = [
    ...inputs.map(({ name, shape, data, scale }): StoredColumn => ({
      kind: 'inputs',
      name,
      numbers: data,
      storage: data instanceof Uint8Array ? 'u8' : data instanceof Int32Array ? 'i32' : 'f32',
      size: sizeOf(shape),
      ...(scale && { scale }),
    })),
    ...targets.flatMap(({ name, shape, data }): StoredColumn[] => [
      {
        kind: 'targets',
        name,
        numbers: data,
        storage: data instanceof Int32Array ? 'i32' : 'f32',
        size: sizeOf(shape),
      },
      {
        kind: 'rowWeights',
        name,
        numbers: undefined,
        storage: 'f32',
        size: sizeOf(outputs.find((output) => output.name === name)?.weights ?? []),
      },
    ]),
  ]
  const keys = columns.map((column) => {
    const { storage, scale } = column
    return `${keyOf(column)}=${storage}*${scale?.multiply ?? 1}+${scale?.add ?? 0}`
  })
  return { columns, key: keys.join() }
}

/** A key that tells the columns of rows apart. */
export function keyOf({ kind, name }: StoredColumn): string {
  return `${kind}/${name}`
}
