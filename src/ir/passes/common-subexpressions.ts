import type { Value } from '../ir.ts'
import { printValue } from '../print.ts'
import type { RewriteRule } from './rewrite.ts'

/** Constants longer than this are not compared with each other. */
const LONGEST = 64

/** For one rewriting: an operation on the same operands as an earlier one is that earlier one. */
export function commonSubexpressions(): RewriteRule {
  const known = new Map<string, Value>()
  return {
    replace: (_b, value) => known.get(textOf(value)),
    appended(value) {
      const comparable = value.op !== 'constant' || value.data.length <= LONGEST
      if (comparable && value.op !== 'input' && value.op !== 'scan') known.set(textOf(value), value)
    },
  }
}

function textOf(value: Value): string {
  if (value.op !== 'constant' || value.data.length > LONGEST) return printValue(value)
  const { buffer, byteOffset, length } = value.data
  // The bits tell zeros of different signs apart.
  return `${value.dtype}[${value.shape.join()}] ${new Int32Array(buffer, byteOffset, length).join()}`
}
