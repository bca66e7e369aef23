import type { DiagnosticText } from './source.ts'
import { noColon } from './yaml-explanations.ts'

type Stray = DiagnosticText & {
  /** The length of the text that is meant, from the start of the value before the key. */
  readonly length?: number
}

/**
 * Explains a key without a value inside braces, by the text from the value before it on: the comma between them may be one of
 * a number, of a tuple or of the arguments of a call.
 */
export function explainStray(key: string, from: string): Stray {
  const [number] = /^[+-]?\d+,\s*\d+(?=\s*[,}])/.exec(from) ?? []
  if (number !== undefined) {
    const hint = `write a point before the fraction: ${number.replace(/,\s*/, '.')}`
    return { ...syntax(`the comma in "${number}" ends the number`, hint), length: number.length }
  }
  const [call, name = '', items = ''] = /^([\w.]*)\(([^()\r\n]*)\)/.exec(from) ?? []
  if (call === undefined) return { code: 'yaml-syntax', ...noColon(key) }
  const saying =
    name === ''
      ? syntax(`"${call}" is a Python tuple`, `write a list in brackets: ${listOf(items)}`)
      : syntax(
          `"${call}" is a function call, and a config holds no code`,
          'write its name, or a map of its type and arguments: {type: ..., ...}',
        )
  return { ...saying, length: call.length }
}

function syntax(message: string, hint: string): DiagnosticText {
  return { code: 'yaml-syntax', message, hint }
}

function listOf(items: string): string {
  return `[${items
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)
    .join(', ')}]`
}
