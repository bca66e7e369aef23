import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { losses } from '../../../src/components/losses/index.ts'
import { optimizers } from '../../../src/components/optimizers/index.ts'
import { randomModel } from '../../step/random-model.ts'
import { inputsOf, MAKERS, randomProgram } from '../random-program.ts'

it('random programs have every operation and values of a moderate size', () => {
  const seen = new Set<string>()
  for (const program of fc.sample(randomProgram(), { numRuns: 400, seed: 1 })) {
    for (const { op } of program.values) seen.add(op)
    for (const elements of interpret(program, inputsOf(program)).values()) {
      for (const element of elements) expect(Math.abs(element)).toBeLessThan(50)
    }
  }
  expect([...seen].sort()).toEqual(Object.keys(MAKERS).sort())
})

it('random models have every layer, loss and optimizer', () => {
  const seen = { layers: new Set<string>(), losses: new Set<string>(), optimizers: new Set<string>() }
  for (const { task } of fc.sample(randomModel(), { numRuns: 1000, seed: 3 })) {
    for (const { config, shares } of task.graph.nodes)
      seen.layers.add(shares === undefined ? config.type : 'shared')
    for (const { loss } of task.outputs) seen.losses.add(loss.type)
    seen.optimizers.add(task.optimizer.type)
  }
  const types = ({ members }: { members: readonly { type: string }[] }): string[] =>
    members.map(({ type }) => type).sort()
  expect([...seen.layers].sort()).toEqual(types(layers))
  expect([...seen.losses].sort()).toEqual(types(losses))
  expect([...seen.optimizers].sort()).toEqual(types(optimizers))
})
