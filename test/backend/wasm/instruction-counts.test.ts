// Guards the compiled engine's speed without a clock: how many instructions a training step of each benchmark takes.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import * as z from 'zod'

import { optimize } from '../../../src/ir/passes/index.ts'
import { namedInputs } from '../../../src/step/step-program.ts'
import { buildTrainStep } from '../../../src/step/train-step.ts'
import { modelOf, stepInputs } from '../../step/random-model.ts'
import { counting } from './counting.ts'
import { Execution } from './execute.ts'
import { hasRelaxedSimd } from './support.ts'

const networks = z.array(
  z.object({
    name: z.string(),
    input: z.array(z.number()),
    batch: z.number(),
    loss: z.string(),
    optimizer: z.unknown(),
    layers: z.array(z.unknown()),
  }),
)
type Network = z.infer<typeof networks>[number]

const MEASURED: readonly Network[] = networks.parse(
  JSON.parse(readFileSync(new URL('../../../bench/networks.json', import.meta.url), 'utf8')),
)

/** Instructions of a step with fused multiply-add on one thread. */
const PINNED: Record<string, number> = {
  xor: 530,
  lab: 1_224_052,
  mlp: 4_992_853,
  wide: 130_403_425,
  conv: 260_995_941,
  tabular: 284_481_753,
  embedding: 3_421_894,
  deep: 4_628_145,
  lstm: 170_550_097,
  gru: 91_535_142,
  conv1d: 199_412_675,
  vgg: 1_555_073_819,
  bigbatch: 126_990_350,
  sepconv: 520_250_989,
  narrow: 23_354_143,
  bilstm: 2_120_450_376,
  lenet: 85_254_101,
}

/** Where an i64 is free in every module's memory. */
const COUNTER = 8

function instructionsOf({ input, layers, loss, optimizer, batch }: Network): number {
  const model = modelOf({ model: { input, layers }, compile: { loss, optimizer } }, batch)
  const step = buildTrainStep(model.task, batch)
  const program = optimize(step.program)
  const execution = new Execution(program, { arithmetic: 'fma' }, (module) => counting(module, COUNTER))
  for (const [name, numbers] of namedInputs(step, stepInputs(model))) execution.write(name, numbers)
  execution.run()
  return execution.counter(COUNTER)
}

test.skipIf(!hasRelaxedSimd).each(MEASURED)('a step of $name takes few instructions', (network) => {
  const [found, pinned] = [instructionsOf(network), PINNED[network.name] ?? NaN]
  const change = `${network.name}: ${found} instructions, pinned ${pinned}`
  // Loads, stores and arithmetic count alike: a tenth more of them may well take a quarter longer.
  expect(found / pinned, `${change}: a tenth worse`).toBeLessThan(1.1)
  expect(found / pinned, `${change}: so much better that it should be pinned anew`).toBeGreaterThan(0.9)
})
