import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { optimize } from '../../../src/ir/passes/index.ts'
import { expectClose } from '../../golden/golden.ts'
import { runs } from '../../runs.ts'
import { inputsOf, randomProgram } from '../random-program.ts'

it('keeps what random programs compute', () => {
  fc.assert(
    fc.property(randomProgram({ operations: 20 }), (program) => {
      const inputs = inputsOf(program)
      const optimized = optimize(program)
      const [expected, actual] = [interpret(program, inputs), interpret(optimized, inputs)]
      for (const [name, value] of expected) {
        expectClose(actual.get(name) ?? [], [...value], { absolute: 1e-5 })
        expect(optimized.outputs.get(name)?.shape).toEqual(program.outputs.get(name)?.shape)
      }
    }),
    { numRuns: runs(150) },
  )
})
