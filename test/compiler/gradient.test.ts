import * as fc from 'fast-check'
import { it } from 'vitest'

import { Builder } from '../../src/compiler/builder.ts'
import { replay } from '../../src/compiler/passes/rewrite.ts'
import { expectGradient, weighted } from './derivatives.ts'
import { inputsOf, randomProgram, runs } from './random-program.ts'

it('of random programs is the slope that central differences find', () => {
  fc.assert(
    fc.property(randomProgram(), (program) => {
      const b = new Builder()
      const values = replay(b, program)
      const loss = weighted(
        b,
        [...program.outputs.values()].map((value) => values.get(value) ?? value),
      )
      const wrt = [...b.program([]).inputs.values()].filter(({ dtype }) => dtype === 'f32')
      expectGradient(b, loss, wrt, inputsOf(program))
    }),
    { numRuns: runs(150) },
  )
})
