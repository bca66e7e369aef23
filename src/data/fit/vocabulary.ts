import { DataError } from '../../errors.ts'
import { FIRST_WORD } from '../../runtime/encodings/tokens.ts'
import type { Feature } from '../../runtime/preprocessing.ts'
import { blocksWith } from '../../table/columns/blocks.ts'
import { quote } from '../../wording.ts'
import type { RowsOfTable } from './features.ts'
import { featureNumbers } from './number-feature.ts'

/** The number of different values that a feature may have: whole numbers from 0 on, as an embedding takes them. */
export function vocabularyOf(all: readonly RowsOfTable[], feature: Feature): number {
  if (feature.kind === 'encoded' && feature.transform === 'tokens')
    return feature.state.words.length + FIRST_WORD
  if (feature.kind === 'encoded' && feature.transform === 'sequence') return feature.state.size
  if (feature.kind === 'encoded' && feature.transform === 'ordinal') {
    const { categories, unseen } = feature.state
    return categories.length + (unseen === 'other' ? 1 : 0)
  }
  let largest = 0
  for (const { table, rows } of all) {
    for (const block of blocksWith(table, rows)) {
      const values = feature.kind === 'encoded' ? [NaN] : featureNumbers(block, feature.column)
      const width = values.length / block.table.rows
      for (const row of block.rows) {
        for (let i = row * width; i < (row + 1) * width; i++) {
          const value = values[i] ?? NaN
          if (!(Number.isInteger(value) && value >= 0)) {
            throw new DataError(
              `${block.table.place(row)}: an embedding takes whole numbers from 0 on, but ${quote(feature.column)} holds others`,
              { hint: hintFor(feature) },
            )
          }
          largest = Math.max(largest, value)
        }
      }
    }
  }
  return largest + 1
}

function hintFor({ kind, column }: Feature): string {
  const ordinal = `data.features.transforms: {${column}: ordinal}`
  if (kind !== 'encoded') return `set ${ordinal}, or write input_dim`
  return `set ${ordinal}, or if it is free text data.features.transforms: {${column}: {type: tokens, output_sequence_length: 20}}`
}
