import type { Value } from '../ir.ts'
import { printValue } from '../print.ts'
import type { RewriteRule } from './rewrite.ts'

/** Constants longer than this are not compared with each other. */
const LONGEST = 64

/** For one rewriting: an operation on the same operands as an earlier one is that earlier one. */
export function commonSubexpressions(): RewriteRule {
  const known = new Map<string, Value>()
  const texts = new WeakMap<Value, string>()
  return {
    replace(_b, value) {
      if (!isComparable(value)) return undefined
      const text = textOf(value)
      texts.set(value, text)
      return known.get(text)
    },
    appended(value, draft) {
      const text = texts.get(draft)
      if (text !== undefined) known.set(text, value)
    },
  }
}

function isComparable(value: Value): boolean {
  return value.op === 'constant' ? value.data.length <= LONGEST : value.op !== 'input' && value.op !== 'scan'
}

function textOf(value: Value): string {
  if (value.op !== 'constant') return printValue(value)
  const { buffer, byteOffset, length } = value.data
  // The bits tell zeros of different signs apart.
  return `${value.dtype}[${value.shape.join()}] ${new Int32Array(buffer, byteOffset, length).join()}`
}
