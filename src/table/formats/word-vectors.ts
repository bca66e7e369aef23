import { DataError } from '../../errors.ts'
import { quote } from '../../wording.ts'
import { displayName } from '../files/file.ts'
import type { FileAccess } from '../files/file.ts'
import { textLines } from './text.ts'

/**
 * The vectors of some words in a text file of GloVe or word2vec: a word and its numbers a line, after a line with the
 * numbers of words and of numbers in word2vec's. A word that occurs twice has its first vector.
 */
export async function readWordVectors(
  path: string,
  words: ReadonlySet<string>,
  size: number,
  access: FileAccess,
): Promise<Map<string, Float32Array>> {
  const name = displayName(path)
  const found = new Map<string, Float32Array>()
  let line = 0
  for await (const text of textLines(path, name, access)) {
    line++
    if (text.trim() === '' || (line === 1 && /^\d+ \d+\s*$/.test(text))) continue
    const end = text.indexOf(' ')
    const word = text.slice(0, Math.max(0, end))
    // The first line tells the size for all, wanted or not.
    if (line > 2 && (!words.has(word) || found.has(word))) continue
    const vector = numbersIn(text.slice(end), size, `${name}:${line}`, word)
    if (words.has(word)) found.set(word, vector)
  }
  return found
}

function numbersIn(text: string, size: number, place: string, word: string): Float32Array {
  const parts = text.trim().split(/\s+/)
  if (parts.length !== size) {
    throw new DataError(
      `${place}: the vector of ${quote(word)} has ${parts.length} numbers, but the embedding has vectors of ${size}`,
      { hint: `set its output_dim to ${parts.length}, or name another file` },
    )
  }
  const vector = Float32Array.from(parts, Number)
  if (vector.every(Number.isFinite)) return vector
  throw new DataError(`${place}: the vector of ${quote(word)} holds something that is not a number`, {
    hint: 'a line is a word and its numbers, as GloVe and word2vec write text files',
  })
}
