import type { Encoding } from './encoding.ts'
import { writeSequence } from './sequence.ts'
import type { SequenceForm } from './sequence.ts'

/** Id of words that no text of the training split has. */
export const UNKNOWN = 1
/** First id of a word, after those of padding and of unknown words. */
export const FIRST_WORD = 2

/** The way a text is cleaned and split into words. */
export type TokenRules = {
  readonly standardize: 'lower_and_strip_punctuation' | 'lower' | 'strip_punctuation' | 'none'
  readonly split: 'whitespace' | 'character'
}
export type TokensState = TokenRules & SequenceForm & { readonly words: readonly string[] }

export function tokensEncoding({ words, ...rules }: TokensState): Encoding {
  const { length } = rules
  const ids = new Map(words.map((word, i) => [word, i + FIRST_WORD]))
  return {
    width: length,
    title: `${length} ids of ${words.length + FIRST_WORD}`,
    write(text, data, at) {
      const found = wordsOf(text, rules).map((word) => ids.get(word) ?? UNKNOWN)
      writeSequence(found, rules, data, at)
      return undefined
    },
  }
}

/** Keras's punctuation. */
const punctuation = /[!"#$%&()*+,\-./:;<=>?@[\\\]^_`{|}~']/g

export function wordsOf(text: string, { standardize, split }: TokenRules): string[] {
  const lower = standardize.startsWith('lower') ? text.toLowerCase() : text
  const clean = standardize.endsWith('strip_punctuation') ? lower.replace(punctuation, '') : lower
  return split === 'character' ? [...clean] : clean.split(/\s+/).filter((word) => word !== '')
}
