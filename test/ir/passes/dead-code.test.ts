import { expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { removeDeadCode } from '../../../src/ir/passes/dead-code.ts'

it('leaves out what no output needs, but for inputs', () => {
  const b = new Builder()
  const [x] = [b.input('x', [2]), b.input('unused', [3])]
  b.exp(x)
  const program = removeDeadCode(b.program([['y', b.neg(x)]]))
  expect(program.values.map(({ op }) => op)).toEqual(['input', 'input', 'unary'])
  expect(program.values.map(({ id }) => id)).toEqual([0, 1, 2])
  expect([...program.inputs.keys()]).toEqual(['x', 'unused'])
})

it('returns a program without dead code as it is', () => {
  const b = new Builder()
  const program = b.program([['y', b.neg(b.input('x', [2]))]])
  expect(removeDeadCode(program)).toBe(program)
})
