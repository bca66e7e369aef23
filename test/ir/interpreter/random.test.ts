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
  const types = ({ members }: { members: readonly { type: string }[] }): string[] =>
    members.map(({ type }) => type)
  const unseen = {
    layers: new Set(types(layers)),
    losses: new Set(types(losses)),
    optimizers: new Set(types(optimizers)),
  }
  // A model takes 10 ms: of 1,200, no more are drawn than it takes.
  for (let seed = 3; seed <= 6 && Object.values(unseen).some(({ size }) => size > 0); seed++) {
    for (const { task } of fc.sample(randomModel(), { numRuns: 300, seed })) {
      for (const { config, shares } of task.graph.nodes)
        unseen.layers.delete(shares === undefined ? config.type : 'shared')
      for (const { loss } of task.outputs) unseen.losses.delete(loss.type)
      unseen.optimizers.delete(task.optimizer.type)
    }
  }
  expect(unseen).toEqual({ layers: new Set(), losses: new Set(), optimizers: new Set() })
})
