// Strings that hold several words each: "action|comedy", "red; blue", "['a', 'b']".

/** The signs between the words of a list, the rarest in words first. */
const SEPARATORS: readonly string[] = ['|', ';', ',', '/', '+']
/** The share of the strings that hold several words, and different words to different strings at most: those of names and addresses hardly recur. */
const [SEVERAL, RECURRING] = [0.25, 0.5]
/** Marks around a list and its words. */
const MARKS = /[[\]{}"']/g

export type TagLists = {
  readonly separator: string
  /** Different words in all lists. */
  readonly words: number
  /** True where blanks follow the separator, so that a text of these words can be divided at them. */
  readonly isSpaced: boolean
}

/** The form of strings that are lists of words from a few; undefined for others. */
export function tagListsIn(
  strings: readonly string[],
  separators: readonly string[] = SEPARATORS,
): TagLists | undefined {
  const different = new Set(strings).size
  for (const separator of separators) {
    const several = strings.filter((text) => text.includes(separator))
    if (several.length < SEVERAL * strings.length) continue
    const words = new Set(strings.flatMap((text) => wordsOf(text, separator)))
    if (words.size > RECURRING * different || [...words].some(isNumber)) continue
    const isSpaced = separator === ' ' || several.every((text) => text.includes(`${separator} `))
    return { separator, words: words.size, isSpaced }
  }
  return undefined
}

function wordsOf(text: string, separator: string): string[] {
  const words = text.replace(MARKS, '').split(separator)
  return words.map((word) => word.trim()).filter((word) => word !== '')
}

function isNumber(word: string): boolean {
  return Number.isFinite(Number(word))
}
