import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { schedules } from '../../../src/components/schedules/index.ts'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import { execute } from '../../../src/engine/tfjs/executor.ts'
import {
  defaultsSchema,
  expectClose,
  expectGoldenMembers,
  expectKerasDefaults,
  readGolden,
} from '../../golden/golden.ts'

const golden = readGolden(
  'schedules',
  z.object({
    defaults: defaultsSchema,
    steps: z.array(z.int()),
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        rates: z.array(z.number()),
      }),
    ),
  }),
)
const cases = golden.cases.map(
  (example) => [`${example.type} ${JSON.stringify(example.options)}`, example] as const,
)
const { tf } = await loadBackend({ backend: 'cpu' })

it('has golden numbers for every member', () => {
  expectGoldenMembers(schedules, golden.cases, golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(schedules, type, defaults)
})

describe.each(cases)('%s', (_name, { type, options, rates }) => {
  const b = new Builder()
  const config = schedules.ref().parse({ type, ...options })
  const program = b.program([['rate', schedules.of(config).learningRate(b, b.input('step', []), config)]])

  it("gives Keras's learning rates", () => {
    const ours = golden.steps.map((step) => interpret(program, new Map([['step', [step]]])).get('rate')?.[0])
    expectClose(
      ours.map((rate) => rate ?? NaN),
      rates,
      // In float32, Keras loses the digits that 1 - step / decay_steps cancels.
      { relative: 1e-5, absolute: 5e-7 },
    )
  })

  it('gives the same ones in TensorFlow.js', () => {
    const ours = golden.steps.map(
      (step) =>
        execute(tf, program, new Map([['step', tf.scalar(step)]]), 0)
          .get('rate')
          ?.dataSync()[0],
    )
    expectClose(
      ours.map((rate) => rate ?? NaN),
      rates,
      { relative: 1e-5, absolute: 1e-8 },
    )
  })
})

describe('rules across options', () => {
  const problems = (given: unknown) =>
    schedules
      .ref()
      .safeParse(given)
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

  it('want one value more than boundaries, which ascend', () => {
    expect(problems({ type: 'piecewise_constant_decay', boundaries: [5, 5], values: [0.1, 0.2] })).toEqual([
      'values: 2 boundaries separate 3 values, got 2',
      'boundaries: expected ascending numbers, all of updates or all of epochs',
    ])
  })

  it('want a rate that a warm-up rises to', () => {
    const given = { type: 'cosine_decay', initial_learning_rate: 0.1, decay_steps: 5, warmup_steps: 2 }
    expect(problems(given)).toEqual(['warmup_steps: the warm-up has no rate to rise to'])
    expect(problems({ ...given, warmup_target: 0.2 })).toBeUndefined()
  })
})
