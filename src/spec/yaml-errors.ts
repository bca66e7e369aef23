import { visit } from 'yaml'
import type { Document, YAMLError } from 'yaml'

import type { Saying } from './source.ts'

/** A mistake in the YAML itself, between two offsets of the text. */
export type YamlMistake = Saying & { readonly from: number; readonly to: number }

/** An error of the parser, moved past the white space that it may begin with. */
type Found = {
  readonly document: Document.Parsed
  readonly text: string
  readonly message: string
  /** Where the parser was; `from` is where the next word begins. */
  readonly offset: number
  readonly from: number
  readonly to: number
  /** The text between `from` and `to`. */
  readonly part: string
  readonly word: string
  readonly restOfLine: string
}

type Explanation = {
  readonly message: string
  readonly hint?: string
  readonly from?: number
  readonly to?: number
  /** The parser lost its way here: the errors that follow are echoes of this one. */
  readonly lost?: boolean
}

/** The parser's errors in plain words, at the place to mend, one a line, without the echoes that a mistake has further on. */
export function yamlMistakes(document: Document.Parsed, text: string): YamlMistake[] {
  const mistakes = [...document.errors, ...document.warnings]
    .map((error) => {
      const found = look(error, document, text)
      return { code: 'yaml-syntax', from: found.from, to: found.to, ...explain(found) }
    })
    .sort((a, b) => a.from - b.from)
  const lost = mistakes.findIndex((mistake) => mistake.lost)
  const lines = new Set<number>()
  return mistakes.slice(0, lost === -1 ? mistakes.length : lost + 1).flatMap(({ lost: _, ...mistake }) => {
    const line = text.lastIndexOf('\n', mistake.from - 1)
    if (lines.has(line)) return []
    lines.add(line)
    return [mistake]
  })
}

function look(error: YAMLError, document: Document.Parsed, text: string): Found {
  const offset = Math.min(error.pos[0], text.length)
  const from = offset + (/^[ \r\n]*/.exec(text.slice(offset))?.[0].length ?? 0)
  const to = Math.max(error.pos[1], from + 1)
  const restOfLine = /^.*/.exec(text.slice(from, from + 200))?.[0].trimEnd() ?? ''
  const word = /^[^\s,[\]{}]*/.exec(restOfLine)?.[0] ?? ''
  return {
    document,
    text,
    message: error.message,
    offset,
    from,
    to,
    part: text.slice(from, to),
    word,
    restOfLine,
  }
}

function explain(found: Found): Explanation {
  for (const [pattern, explanation] of explanations) {
    if (pattern.test(found.message)) return explanation(found)
  }
  return { message: `this is not YAML: ${found.message}` }
}

const lineUp = 'the keys of a map, and the dashes of a list, stand in one column'

/** By the parser's message: its codes are too coarse. */
const explanations: readonly (readonly [RegExp, (found: Found) => Explanation])[] = [
  [
    /^Tabs are not/,
    () => ({ message: 'a tab cannot indent YAML', hint: 'use spaces, two for each level', lost: true }),
  ],
  [
    /^Plain value cannot start/,
    ({ part, restOfLine }) => ({
      message: `a value cannot start with "${part}"`,
      hint: `put it in quotes: '${restOfLine}'`,
    }),
  ],
  [
    /^Invalid escape/,
    ({ text, from }) => ({
      message: `"${text.slice(from, from + 2)}" means nothing inside double quotes`,
      hint: "in single quotes a backslash is only a backslash: 'C:\\data'",
      to: from + 2,
    }),
  ],
  [
    /tag/i,
    ({ part }) => ({
      message: `the tag ${part} does not fit here`,
      hint: 'leave it out; text that starts with "!" needs quotes',
    }),
  ],
  [/all keys must be strings/, notAKey],
  [
    /^Block collections are not/,
    ({ part, restOfLine }) =>
      part.startsWith('- ')
        ? { message: 'a list with dashes cannot stand inside brackets', hint: 'write [a, b, c]' }
        : { message: `a comma is missing in "${restOfLine}"`, lost: true },
  ],
  [/^Missing , /, () => ({ message: 'a comma is missing before this' })],
  [/^Missing space after :/, () => ({ message: 'a space is missing after the colon' })],
  [/^Implicit keys? need|^Implicit keys of/, keyOverLines],
  [/^Implicit map keys need to be followed/, ({ part }) => noColon(part)],
  [/^Nested mappings are not/, colonInValue],
  [
    /must start at the same column|^A block sequence may not|^Sequence item without/,
    ({ word, from }) => ({
      message: `"${word}" does not line up with the lines above it`,
      hint: lineUp,
      to: from + word.length,
    }),
  ],
  [/must end with a|must be sufficiently indented and end/, unclosedBracket],
  [/^Missing closing/, unclosedQuote],
  [/^Comments must be/, () => ({ message: 'a comment needs a space before its "#"' })],
  [
    /directives-end/,
    () => ({ message: 'a line that starts with "%" is a YAML directive', hint: 'put the text in quotes' }),
  ],
  [/^Block scalar header/, ({ text, from }) => blockHeader(text, from)],
  [/^Unexpected (,|empty item)/, () => ({ message: 'a value is missing before the comma' })],
  [
    /^Unexpected flow-(seq|map)-end|^Unexpected [\]}]/,
    ({ part }) => ({ message: `this "${part}" closes nothing`, lost: true }),
  ],
  [/^Unexpected .* at node end/, afterValue],
  [
    /^Unexpected|^Not a YAML token/,
    ({ word }) => ({ message: `"${word}" is not expected here`, lost: true }),
  ],
  [
    /^(Alias|Anchor) cannot be an empty/,
    ({ part }) => ({
      message: `"${part}" needs a name after it`,
      hint: `text that starts with "${part}" needs quotes`,
    }),
  ],
]
