import { Builder } from '../builder.ts'
import { sameShape } from '../ir.ts'
import type { Program, Value } from '../ir.ts'
import { joinPieces } from './pieces.ts'
import { joinProducts } from './sums-of-products.ts'
import { countUses, replay } from './rewrite.ts'

/**
 * Makes few terms of sums of many, which the gradient of a tensor is that is used many times: slice by slice, say, or
 * as the matrix of every step of a recurrent layer.
 */
export function shortenSums(program: Program): Program {
  const sums = wholeSums(program)
  const b = new Builder()
  let changed = false
  const copies = replay(b, program, (value, copy, copyOf) => {
    const terms = sums.get(value)?.map(copyOf)
    if (terms === undefined) return copy
    const fewer = joinProducts(b, joinPieces(b, terms, value.shape), value.shape)
    if (fewer.length === terms.length) return copy
    changed = true
    return fewer.reduce((sum, term) => b.add(sum, term))
  })
  if (!changed) return program
  return b.program([...program.outputs].map(([name, value]) => [name, copies.get(value) ?? value]))
}

/** The terms of each sum that is not itself only a term of a larger one. */
function wholeSums(program: Program): Map<Value, Value[]> {
  const uses = countUses(program)
  const inner = new Set<Value>()
  const sums = new Map<Value, Value[]>()
  for (const sum of program.values.toReversed()) {
    if (!isSum(sum) || inner.has(sum)) continue
    const terms: Value[] = []
    const open: Value[] = [sum.b, sum.a]
    for (let term = open.pop(); term !== undefined; term = open.pop()) {
      if (isSum(term) && uses.get(term) === 1 && sameShape(term.shape, sum.shape)) {
        inner.add(term)
        open.push(term.b, term.a)
      } else terms.push(term)
    }
    sums.set(sum, terms)
  }
  return sums
}

function isSum(value: Value): value is Extract<Value, { op: 'binary' }> {
  return value.op === 'binary' && value.function === 'add'
}
