import * as z from 'zod'

import { FIRST_WORD, wordsOf } from '../../runtime/encodings/tokens.ts'
import { savedSequence, sequenceOptions } from './sequence.ts'
import { defineEncoding, savedEncoding } from './transform.ts'

const Standardize = z.enum(['lower_and_strip_punctuation', 'lower', 'strip_punctuation', 'none'])
const SplitAt = z.enum(['whitespace', 'character'])

/**
 * Ids as in Keras: 0 is padding, 1 an unknown word, then words from the most frequent on. Unlike Keras, which lower-cases
 * a to z only, all letters are lower-cased. Keras symbol: keras.layers.TextVectorization.
 */
export const tokens = defineEncoding({
  type: 'tokens',
  aliases: ['text_vectorization'],
  summary: 'The words of a text as numbers, as an embedding expects them: 0 is padding, 1 an unknown word',
  options: () => ({
    ...sequenceOptions(),
    max_tokens: z
      .int()
      .min(FIRST_WORD + 1)
      .default(10000)
      .describe('Number of ids, including padding and unknown words: the input_dim of the embedding'),
    standardize: Standardize.default('lower_and_strip_punctuation').describe(
      'Cleaning of a text before it is split',
    ),
    split: SplitAt.default('whitespace').describe('Split at whitespace or into characters'),
  }),
  saved: () =>
    savedEncoding('tokens', {
      words: z.array(z.string()),
      ...savedSequence(),
      standardize: Standardize,
      split: SplitAt,
    }),
  fit(texts, { output_sequence_length: length, padding, truncating, max_tokens, standardize, split }) {
    const counts = new Map<string, number>()
    for (const text of texts) {
      for (const word of wordsOf(text, { standardize, split })) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    const words = [...counts]
      .sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1))
      .slice(0, max_tokens - FIRST_WORD)
      .map(([word]) => word)
    return { transform: 'tokens', state: { words, length, padding, truncating, standardize, split } }
  },
})
