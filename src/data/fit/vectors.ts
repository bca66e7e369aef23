import { DataError } from '../../errors.ts'
import type { InputState } from '../../runtime/preprocessing.ts'
import type { Table } from '../../table/table.ts'
import { quote } from '../../wording.ts'
import type { EncodedInput } from '../rows/encoded-rows.ts'

/** Throws for a number of an input that an embedding of `vectors` vectors has none for. */
export function requireVectors(
  table: Table,
  rows: Uint32Array,
  { name, features }: InputState,
  { data, scale }: EncodedInput,
  vectors: number,
): void {
  // As the embedding reads it, after the scaling of bytes and without a fraction.
  const { multiply, add } = scale ?? { multiply: 1, add: 0 }
  const at = data.findIndex((value) => !(value * multiply + add > -1 && value * multiply + add < vectors))
  if (at < 0) return
  const place = table.place(rows[Math.floor((at * rows.length) / data.length)] ?? 0)
  const [only, ...others] = features
  const who = only && others.length === 0 ? `column ${quote(only.column)}` : `the input ${quote(name)}`
  const verb = only?.kind === 'encoded' ? 'is encoded as' : 'holds'
  throw new DataError(
    `${place}: ${who} ${verb} ${data[at]}, but the embedding has vectors for 0 to ${vectors - 1} only`,
    {
      hint: 'set its input_dim to vocabulary, or larger; what an ordinal column has not seen takes the number after the last',
    },
  )
}
