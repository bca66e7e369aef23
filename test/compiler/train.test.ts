import * as fc from 'fast-check'
import { it } from 'vitest'

import { Builder } from '../../src/compiler/builder.ts'
import { interpret } from '../../src/compiler/interpreter.ts'
import { optimize } from '../../src/compiler/passes/index.ts'
import { appendStep } from '../../src/compiler/step.ts'
import { buildTrainStep } from '../../src/compiler/train.ts'
import { expectClose } from '../golden/golden.ts'
import { expectGradient } from './derivatives.ts'
import { runs } from './random-program.ts'
import { randomModel, stepInputs } from './random-model.ts'

it('differentiates the loss of random models to every parameter', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const b = new Builder()
      const { parameters, outputs } = appendStep(b, model.task, model.batch, 'train')
      const loss = outputs.get('loss') ?? b.constant(NaN)
      expectGradient(b, loss, [...parameters.values()], stepInputs(model), { tolerance: 1e-3 })
    }),
    { numRuns: runs(60) },
  )
})

it('computes the same optimized', () => {
  fc.assert(
    fc.property(randomModel(), (model) => {
      const program = buildTrainStep(model.task, model.batch)
      const inputs = stepInputs(model)
      const [expected, actual] = [interpret(program, inputs), interpret(optimize(program), inputs)]
      for (const [name, value] of expected) {
        expectClose(actual.get(name) ?? [], [...value], { relative: 1e-4, absolute: 1e-5 })
      }
    }),
    { numRuns: runs(60) },
  )
})
