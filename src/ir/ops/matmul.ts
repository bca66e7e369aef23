import type { ExpressionBuilder } from '../expression-builder.ts'
import { sameShape } from '../ir.ts'
import type { Value } from '../ir.ts'
import { matrixShape, mismatch } from '../shapes.ts'
import { over } from './op.ts'
import type { OpRecord } from './op.ts'
import { list } from './text.ts'

export const matmul = {
  kind: 'product',
  ...over('a', 'b'),
  type({ op, a, b, transposeA, transposeB, parts, stacked }) {
    if (stacked) {
      const [first, second] = [a.shape, b.shape].map((shape, i) => shape.toSpliced(stacked.axes[i] ?? 0, 1))
      if (first?.length !== 2 || second?.length !== 2) throw mismatch(op, a.shape, b.shape)
      return { shape: [matrixShape(first, transposeA)[0], matrixShape(second, transposeB)[1]], dtype: 'f32' }
    }
    const [rows, inner] = matrixShape(a.shape, transposeA)
    const [innerB, columns] = matrixShape(b.shape, transposeB)
    const [lead, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
    if (inner !== innerB || (leadB.length > 0 && !sameShape(lead, leadB)))
      throw mismatch(op, a.shape, b.shape)
    return { shape: [...(parts === undefined ? lead : [parts]), rows, columns], dtype: 'f32' }
  },
  gradient(b, y, dy) {
    const { a, b: c, transposeA, transposeB, stacked } = y
    if (stacked) throw new Error('a product of stacked matrices has no gradient')
    // One matrix for all leading axes of a: they count as rows.
    const shared = a.shape.length > 2 && c.shape.length === 2
    return [
      [
        a,
        () => {
          if (!transposeA) return b.matmul(dy, c, { transposeB: !transposeB })
          if (!shared) return b.matmul(c, dy, { transposeA: transposeB, transposeB: true })
          return swapLast(b, b.matmul(dy, c, { transposeB: !transposeB }))
        },
      ],
      [
        c,
        () => {
          const left = shared ? flatten(b, transposeA ? swapLast(b, a) : a) : a
          const right = shared ? flatten(b, dy) : dy
          const transposed = !shared && transposeA
          return transposeB
            ? b.matmul(right, left, { transposeA: true, transposeB: transposed })
            : b.matmul(left, right, { transposeA: !transposed })
        },
      ],
    ]
  },
  print: ({ op, transposeA, transposeB, parts, stacked }) => [
    op,
    ...(transposeA ? ['transpose_a'] : []),
    ...(transposeB ? ['transpose_b'] : []),
    ...(parts === undefined ? [] : [`parts: ${parts}`]),
    ...(stacked ? [`stacked: ${list(stacked.axes)}`, ...(stacked.reverse ? ['reverse'] : [])] : []),
  ],
} as const satisfies OpRecord<'matmul'>

/** A tensor as one matrix whose rows are all but the last axis. */
function flatten(b: ExpressionBuilder, x: Value): Value {
  const columns = x.shape.at(-1) ?? 1
  return b.reshape(x, [x.shape.slice(0, -1).reduce((rows, length) => rows * length, 1), columns])
}

function swapLast(b: ExpressionBuilder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis)
  return b.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()])
}
