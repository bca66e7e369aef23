import type { Builder } from '../builder.ts'
import { sameShape } from '../ir.ts'
import type { Shape, Value } from '../ir.ts'

/**
 * The terms of a sum, of which those of the form aᵀ · b with equal shapes are one product: [a1; a2 ...]ᵀ · [b1; b2 ...].
 * The gradient of a matrix that many tensors are multiplied by.
 */
export function joinProducts(b: Builder, terms: readonly Value[], whole: Shape): readonly Value[] {
  const products = terms.flatMap((term) => productOf(term, whole) ?? [])
  if (products.length < 2) return terms
  const left = b.concat(
    products.map(({ a }) => a),
    0,
  )
  const right = b.concat(
    products.map((product) => product.b),
    0,
  )
  return [
    ...terms.filter((term) => productOf(term, whole) === undefined),
    b.matmul(left, right, { transposeA: true }),
  ]
}

/** A term that is the product of two matrices over their rows. */
function productOf(term: Value, whole: Shape): Extract<Value, { op: 'matmul' }> | undefined {
  if (term.op !== 'matmul' || whole.length !== 2 || !sameShape(term.shape, whole)) return undefined
  return term.transposeA && !term.transposeB ? term : undefined
}
