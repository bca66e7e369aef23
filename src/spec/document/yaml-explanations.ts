/** An error of the parser, moved past the white space that it may begin with. */
export type Found = {
  readonly text: string
  readonly message: string
  /** The position of the parser; `from` is where the next word begins. */
  readonly offset: number
  readonly from: number
  readonly to: number
  /** The text between `from` and `to`. */
  readonly part: string
  readonly word: string
  readonly restOfLine: string
}

export type SyntaxExplanation = {
  readonly message: string
  readonly hint?: string
  readonly from?: number
  readonly to?: number
  /** The parser lost its way here: the errors that follow are echoes of this one. */
  readonly lost?: boolean
  /** Errors of the same kind that follow in the same column are echoes of this one. */
  readonly alike?: boolean
}

/** Explains a mistake in plain words, and tells where to fix it. */
export function explain(found: Found): SyntaxExplanation {
  for (const [pattern, explanation] of explanations) {
    if (pattern.test(found.message)) return explanation(found)
  }
  return { message: `this is not YAML: ${found.message}` }
}

const lineUp = 'the keys of a map, or the dashes of a list, start in the same column'

/** By the parser's message: its codes are too coarse. */
const explanations: readonly (readonly [RegExp, (found: Found) => SyntaxExplanation])[] = [
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
      message: `"${text.slice(from, from + 2)}" is not a valid escape inside double quotes`,
      hint: "in single quotes a backslash is an ordinary character: 'C:\\data'",
      to: from + 2,
    }),
  ],
  [
    /tag/i,
    ({ part }) => ({
      message: `the tag ${part} does not fit here`,
      hint: 'leave it out; a string that starts with "!" needs quotes',
    }),
  ],
  [/all keys must be strings/, notAKey],
  [
    /^Block collections are not/,
    ({ part, restOfLine }) =>
      part.startsWith('- ')
        ? listInBrackets
        : /^-[,\]}]/.test(restOfLine)
          ? dashAlone
          : { message: `a comma is missing in "${restOfLine}"`, lost: true },
  ],
  [/^Missing , /, missingComma],
  [/^Missing space after :/, () => ({ message: 'a space is missing after the colon' })],
  [/^Implicit keys? need|^Implicit keys of/, keyOverLines],
  [/^Implicit map keys need to be followed/, ({ part }) => (part === '-' ? listInBrackets : noColon(part))],
  [/^Nested mappings are not/, colonInValue],
  [/^A block sequence may not/, () => listInMap],
  [/^Sequence item without/, (found) => (found.part.startsWith('-') ? listInMap : notLinedUp(found))],
  [/must start at the same column/, notLinedUp],
  [/must end with a|must be sufficiently indented and end/, unclosedBracket],
  [/^Missing closing/, unclosedQuote],
  [/^Comments must be/, () => ({ message: 'a comment needs a space before its "#"' })],
  [
    /directive/i,
    () => ({
      message: 'a line that starts with "%" is a YAML directive, which a config cannot use',
      hint: 'remove it; a string that starts with "%" needs quotes',
      lost: true,
    }),
  ],
  [/^Block scalar header/, blockHeader],
  [/^Unexpected (,|empty item)/, () => ({ message: 'a value is missing before the comma' })],
  [
    /^Unexpected flow-(seq|map)-end|^Unexpected [\]}]/,
    ({ part }) => ({ message: `this "${part}" closes nothing`, lost: true }),
  ],
  [/^Unexpected .* at node end/, afterValue],
  [
    /^Unexpected|^Not a YAML token/,
    (found) =>
      /[|>]\d?[-+]?[ \t]+$/.test(found.text.slice(Math.max(0, found.from - 20), found.from))
        ? blockHeader(found)
        : found.word === '-'
          ? dashAlone
          : { message: `"${found.word}" is not expected here`, lost: true },
  ],
  [
    /^(Alias|Anchor) cannot be an empty/,
    ({ part }) => ({
      message: `"${part}" needs a name after it`,
      hint: `a string that starts with "${part}" needs quotes`,
    }),
  ],
]

function notLinedUp({ word, from }: Found): SyntaxExplanation {
  return {
    message: `"${word}" does not line up with the lines above it`,
    hint: lineUp,
    to: from + word.length,
    alike: true,
  }
}

const dashAlone: SyntaxExplanation = {
  message: '"-" begins a list here',
  hint: 'where it is the value itself, put it in quotes: "-"',
  lost: true,
}

const listInBrackets: SyntaxExplanation = {
  message: 'a list with dashes cannot be inside brackets',
  hint: 'write [a, b, c]',
  lost: true,
}

const listInMap: SyntaxExplanation = {
  message: 'expected a key, found a list item',
  hint: 'the dashes of a list start in the same column; a map holds `key: value` lines, a list `- item` lines',
  lost: true,
}

/** Two values in a row: without a space between them, a path such as model.layers[0].units that needs quotes. */
function missingComma({ text, from }: Found): SyntaxExplanation {
  const before = /[\w.]*$/.exec(text.slice(0, from))?.[0] ?? ''
  const index = /^\[\w+\][\w.[\]]*/.exec(text.slice(from))?.[0]
  return before === '' || index === undefined
    ? { message: 'a comma is missing before this' }
    : {
        message: `${before}${index} needs quotes inside braces and brackets`,
        hint: `write "${before}${index}"`,
        from: from - before.length,
        to: from + index.length,
      }
}

/** A list or a map where a key belongs. */
function notAKey({ text, from }: Found): SyntaxExplanation {
  return text.startsWith('- ', from)
    ? listInMap
    : {
        message: 'a list or a map cannot be a key',
        hint: 'put a string that starts with a bracket in quotes',
      }
}

/** The parser joins a line without a colon to the next one and takes both for a key. */
function keyOverLines({ part, from }: Found): SyntaxExplanation {
  const [first = ''] = part.split(/\r?\n/, 1)
  const line = first.trimEnd()
  if (line.startsWith('- ')) return listInMap
  if (line === '-') return listInBrackets
  return { ...noColon(line), to: from + Math.max(1, line.length) }
}

export function noColon(part: string): SyntaxExplanation {
  const glued = /^([\w-]+):(\S.*)$/.exec(part)
  if (glued !== null) {
    return {
      message: `a space is missing after the colon in "${part}"`,
      hint: `write \`${glued[1]}: ${glued[2]}\``,
    }
  }
  const equals = /^([\w-]+)\s*=\s*(\S.*)$/.exec(part)
  if (equals !== null)
    return { message: `"${part}" has no colon`, hint: `write \`${equals[1]}: ${equals[2]}\`` }
  const word = /^[\w-]+$/.test(part) ? part : 'key'
  return {
    message: `"${part}" has no colon after it`,
    hint: `a key and its value are written \`${word}: value\``,
  }
}

/** `note: see this: it works`, or a value with indented lines under it. */
function colonInValue({ from, restOfLine: line }: Found): SyntaxExplanation {
  if (line.includes(': ') || line.endsWith(':')) {
    return {
      message: 'a second colon in one line',
      hint: `put the value in quotes, as in '${line}', or put the inner map on lines of its own`,
      to: from + line.length,
      lost: true,
    }
  }
  return {
    message: `"${line}" is a value already, but the lines below it are indented under it`,
    hint: 'a key has either a value beside it or lines under it',
    to: from + line.length,
    lost: true,
  }
}

/** The parser notices only where the next key begins: points at the bracket instead. */
function unclosedBracket({ text, offset, message }: Found): SyntaxExplanation {
  const [open, close] = message.startsWith('Flow map') ? ['{', '}'] : ['[', ']']
  const from = lastUnclosed(text.slice(0, offset))
  if (from === undefined) return { message: `a "${close}" is missing before this`, lost: true }
  return {
    message: `this "${text[from] ?? open}" is never closed`,
    hint: `add the "${text[from] === '[' ? ']' : text[from] === '{' ? '}' : close}", and indent every line inside the brackets`,
    from,
    to: from + 1,
    lost: true,
  }
}

/** The offset of the last bracket without its partner, outside quotes and comments. */
function lastUnclosed(text: string): number | undefined {
  const open: number[] = []
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|(?<=^|\s)#.*|[[\]{}]/gm)) {
    if (token === '[' || token === '{') open.push(index)
    else if (token === ']' || token === '}') open.pop()
  }
  return open.at(-1)
}

/** The parser notices at the end of the line or of the text: points at the quote that opens. */
function unclosedQuote({ text, offset, message }: Found): SyntaxExplanation {
  const quote = message.includes('"') ? '"' : "'"
  const from = openingQuote(text, offset, quote)
  return {
    message: `this ${quote} is never closed`,
    hint:
      quote === "'" ? "inside single quotes, write an apostrophe twice: 'it''s'" : `add the closing ${quote}`,
    ...(from !== undefined && { from, to: from + 1 }),
    lost: true,
  }
}

/** The start of the quoted value that reaches `end`: quotes open after a space, a bracket or a comma. */
function openingQuote(text: string, end: number, quote: string): number | undefined {
  let from = text.lastIndexOf(quote, end - 1)
  while (from > 0 && !/[\s[{,(]/.test(text[from - 1] ?? '')) from = text.lastIndexOf(quote, from - 1)
  return from < 0 ? undefined : from
}

function blockHeader({ from, restOfLine }: Found): SyntaxExplanation {
  return {
    message: `"${restOfLine}" cannot follow the | or > that starts a string of several lines`,
    hint: 'begin the string on the next line, or put the whole value in quotes',
    to: from + Math.max(1, restOfLine.length),
    lost: true,
  }
}

/** Something after a value that has ended, as after a closing quote or bracket. */
function afterValue({ text, from, restOfLine, word }: Found): SyntaxExplanation {
  const lineStart = text.lastIndexOf('\n', from - 1) + 1
  const before = text.slice(lineStart, from).trimEnd()
  const list = /^\s*- /.test(text.slice(Math.max(0, text.lastIndexOf('\n', lineStart - 2) + 1)))
  if (before === '' && list) {
    return {
      message: `"${word}" follows a list that has ended`,
      hint: 'a list with dashes needs a key above it; what follows the list needs a key of its own, in the same column',
      to: from + Math.max(1, word.length),
      lost: true,
    }
  }
  const quoted = /['"]$/.test(before)
  return {
    message: `the value has ended, but "${restOfLine}" follows it`,
    hint: quoted
      ? 'put the whole value in one pair of quotes; an apostrophe inside single quotes is written twice'
      : 'remove it, or put the whole value in quotes',
    to: from + Math.max(1, restOfLine.length),
    lost: true,
  }
}
