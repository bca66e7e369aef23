import { describe, expect, test } from 'vitest'

import { fuse } from '../../../src/backend/plan/fuse.ts'
import { membersOf } from '../../../src/backend/plan/group.ts'
import { simplifyReductions } from '../../../src/backend/plan/reductions.ts'
import { anchorTraits } from '../../../src/backend/wasm/kernels/anchor.ts'
import { Builder } from '../../../src/ir/builder.ts'
import type { Value } from '../../../src/ir/ir.ts'

/** The operations of each kernel of a program, stored ones starred. */
function kernels(build: (b: Builder) => Record<string, Value>): string[] {
  const b = new Builder()
  const program = simplifyReductions(b.program(Object.entries(build(b))))
  const { takesEpilogue } = anchorTraits({ seed: 0, arithmetic: 'mul_add' })
  const { groups, stored } = fuse(program, takesEpilogue)
  return groups.map((group) =>
    membersOf(group)
      .map((value) => ('function' in value ? value.function : value.op) + (stored.has(value) ? '*' : ''))
      .join(' '),
  )
}

describe('fuse', () => {
  test('computes cheap values of inputs where they are read', () => {
    expect(kernels((b) => ({ y: b.exp(b.mul(b.add(b.input('x', [8]), 1), 2)) }))).toEqual(['exp*'])
  })

  test('puts bias and activation into a matrix product', () => {
    const found = kernels((b) => {
      const product = b.matmul(b.input('x', [4, 3]), b.input('w', [3, 5]))
      return { y: b.relu(b.add(product, b.input('bias', [5]))) }
    })
    expect(found).toEqual(['matmul add relu*'])
  })

  test('puts the update of a parameter and its slot into the product that makes the gradient', () => {
    const found = kernels((b) => {
      const gradient = b.matmul(b.input('x', [4, 3]), b.input('dy', [4, 5]), { transposeA: true })
      const m = b.add(b.mul(b.input('m', [3, 5]), 0.9), gradient)
      return { m, w: b.sub(b.input('w', [3, 5]), b.mul(m, 0.1)) }
    })
    expect(found).toEqual(['matmul add* mul sub*'])
  })

  test('computes softmax in one kernel and its exponentials once', () => {
    expect(kernels((b) => ({ y: b.softmax(b.input('x', [4, 6])) }))).toEqual(['max sub exp* sum div*'])
  })

  test('computes the mask of an activation where it is read', () => {
    const found = kernels((b) => {
      const h = b.relu(b.matmul(b.input('x', [4, 3]), b.input('w', [3, 5])))
      const dh = b.matmul(b.input('dy', [4, 2]), b.input('v', [5, 2]), { transposeB: true })
      const masked = b.select(b.less(0, h), dh, 0)
      return {
        y: b.matmul(h, b.input('v2', [5, 2])),
        dw: b.matmul(b.input('x2', [4, 3]), masked, { transposeA: true }),
      }
    })
    expect(found.filter((kernel) => kernel.startsWith('matmul relu'))).toEqual([
      expect.stringMatching(/^matmul relu\*/),
    ])
    expect(found).toContain('matmul select*')
  })

  test('reduces one tensor in one pass', () => {
    const found = kernels((b) => {
      const x = b.input('x', [4, 6])
      return { a: b.sum(x, 0), c: b.reduceMax(x, 0) }
    })
    expect(found).toEqual(['sum* max*'])
  })
})
