import { RunError } from './errors.ts'

/** Deepest nesting of a JSON file: what is read here has a few levels, and deeper values overflow the stack of their readers. */
const MOST_LEVELS = 500

/** The value of a JSON text; throws a SyntaxError where it is not valid or is nested too deeply. */
export function parseJson(text: string): unknown {
  let level = 0
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/gs)) {
    if (token === '[' || token === '{') level += 1
    else if (token === ']' || token === '}') level -= 1
    if (level > MOST_LEVELS) throw new SyntaxError(`nested more than ${MOST_LEVELS} levels deep`)
  }
  return JSON.parse(text)
}

/** The value of a JSON text; undefined where it is not valid. */
export function valueOfJson(text: string): unknown {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** The value of a file, or of a part of one, whose name begins the message of the RunError where it is not valid. */
export function readJson(text: string, name: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    throw new RunError(`${name} is not valid JSON`, { hint: 'the file was cut off or damaged', cause })
  }
}

/** A text that is the same for equal plain data, maps and sets only. */
export function jsonKey(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (part instanceof Map || part instanceof Set) return Array.from<unknown>(part)
    if (Object.is(part, -0)) return { number: '-0' }
    return typeof part === 'number' && !Number.isFinite(part) ? { number: String(part) } : part
  })
}
