import * as z from 'zod'

import { idsIn } from '../../runtime/encodings/sequence.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

const End = z.enum(['pre', 'post'])

/** Options of what makes sequences of ids. Keras symbol: keras.utils.pad_sequences. */
export const sequenceOptions = () => ({
  output_sequence_length: z
    .int()
    .positive()
    .describe('Ids per row: longer sequences are cut off, shorter ones are padded with zeros'),
  padding: End.default('post').describe('The end that is padded: pre is the start, post the end'),
  truncating: End.default('post').describe('The end that is cut off: pre is the start, post the end'),
})

/** The form of a saved sequence. */
export const savedSequence = () => ({
  length: z.int().positive(),
  padding: End.optional(),
  truncating: End.optional(),
})

/** Lists of ids of any length, from lists in JSON and Parquet files or texts such as `3 17 5`. */
export const sequence = defineEncoding({
  type: 'sequence',
  aliases: ['pad_sequences'],
  summary: 'Lists of whole numbers of any length, as an embedding expects them: 0 is padding',
  options: sequenceOptions,
  saved: () => savedEncoding('sequence', { ...savedSequence(), size: z.int().positive() }),
  fit(lists, { output_sequence_length: length, padding, truncating }, all = lists) {
    let largest = 0
    for (const text of all) for (const id of idsIn(text) ?? []) if (id > largest) largest = id
    return { transform: 'sequence', state: { length, padding, truncating, size: largest + 1 } }
  },
})
