import * as z from 'zod'

import { defineEncoding } from './transform.ts'

const PADDING = 0
const UNKNOWN = 1
/** The ids of words begin after those of padding and of unknown words. */
const FIRST = 2

const Standardize = z.enum(['lower_and_strip_punctuation', 'lower', 'strip_punctuation', 'none'])
const Split = z.enum(['whitespace', 'character'])

/**
 * Ids as Keras gives them: 0 is padding, 1 an unknown word, then words from the most frequent on. Unlike Keras, which
 * lower-cases a to z only, all letters are. Keras symbol: keras.layers.TextVectorization.
 */
export const tokens = defineEncoding({
  type: 'tokens',
  aliases: ['text_vectorization'],
  summary: 'The words of a text as numbers, as an embedding takes them: 0 is padding, 1 an unknown word',
  options: () => ({
    output_sequence_length: z
      .int()
      .positive()
      .describe('Words of a row: more are cut off, fewer are followed by zeros'),
    max_tokens: z
      .int()
      .min(FIRST + 1)
      .default(10000)
      .describe('Ids in all, padding and unknown words included: the input_dim of the embedding'),
    standardize: Standardize.default('lower_and_strip_punctuation').describe(
      'What is done to a text before it is split',
    ),
    split: Split.default('whitespace').describe('Where a text is split'),
  }),
  state: () =>
    z.strictObject({
      words: z.array(z.string()),
      length: z.int().positive(),
      standardize: Standardize,
      split: Split,
    }),
  fit(texts, { output_sequence_length: length, max_tokens, standardize, split }) {
    const counts = new Map<string, number>()
    for (const text of texts) {
      for (const word of wordsOf(text, standardize, split)) counts.set(word, (counts.get(word) ?? 0) + 1)
    }
    const words = [...counts]
      .sort(([a, m], [b, n]) => n - m || (a < b ? 1 : -1))
      .slice(0, max_tokens - FIRST)
      .map(([word]) => word)
    return { words, length, standardize, split }
  },
  encoding({ words, length, standardize, split }) {
    const ids = new Map(words.map((word, i) => [word, i + FIRST]))
    return {
      width: length,
      title: `${length} ids of ${words.length + FIRST}`,
      write(text, data, at) {
        const found = wordsOf(text, standardize, split)
        for (let i = 0; i < length; i++) {
          const word = found[i]
          data[at + i] = word === undefined ? PADDING : (ids.get(word) ?? UNKNOWN)
        }
        return undefined
      },
    }
  },
})

/** Keras's punctuation. */
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g

function wordsOf(
  text: string,
  standardize: z.infer<typeof Standardize>,
  split: z.infer<typeof Split>,
): string[] {
  const lower = standardize.startsWith('lower') ? text.toLowerCase() : text
  const clean = standardize.endsWith('strip_punctuation') ? lower.replace(punctuation, '') : lower
  return split === 'character' ? [...clean] : clean.split(/\s+/).filter((word) => word !== '')
}
