import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { callbacks } from '../../../src/components/callbacks/index.ts'
import { metrics } from '../../../src/components/metrics/index.ts'
import { isBetter } from '../../../src/components/callbacks/improvement.ts'
import type { KeptEpoch } from '../../../src/components/callbacks/listener.ts'
import {
  defaultsSchema,
  expectClose,
  expectGoldenMembers,
  expectKerasDefaults,
  readGolden,
} from '../../golden/golden.ts'
import { SETTINGS } from './settings.ts'

const golden = readGolden(
  'callbacks',
  z.object({
    defaults: defaultsSchema,
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        /** Values of the monitored metric, one for each epoch; null stands for NaN. */
        values: z.array(z.number().nullable()),
        /** Epochs trained, the epoch whose weights training ended with, and the learning rate after each epoch. */
        epochs: z.int(),
        weights: z.int(),
        rates: z.array(z.number()),
      }),
    ),
  }),
)
const RATE = 0.01

it('has golden traces for every member', () => {
  expectGoldenMembers(callbacks, golden.cases, golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(callbacks, type, defaults)
})

const DIRECTIONS = new Map(
  metrics.members.flatMap(({ type, better }) => [type, `val_${type}`].map((name) => [name, better] as const)),
)

/** Runs a callback through a training whose monitored metric has these values. */
async function trace(type: string, options: Record<string, unknown>, values: readonly (number | null)[]) {
  const config = callbacks.ref().parse({ type, ...options })
  const member = callbacks.of(config)
  const listener = member.listener(config, { ...SETTINGS, initialRate: RATE, directions: DIRECTIONS })
  const monitor = member.monitor?.(config) ?? 'loss'
  let [stopped, factor, weights] = [false, 1, -1]
  const control = {
    weights: () => Promise.resolve(new Map()),
    stop: () => void (stopped = true),
    restore: ({ epoch }: KeptEpoch) => void (weights = epoch),
    factor: () => factor,
    setFactor: (value: number) => void (factor = value),
    learningRate: () => undefined,
    report: () => Promise.resolve(),
    unfreeze: () => Promise.resolve(0),
  }
  const rates: number[] = []
  for (const [epoch, value] of values.entries()) {
    if (stopped) break
    weights = epoch
    await listener.onEpochEnd?.(epoch, { [monitor]: value ?? NaN }, control)
    rates.push(RATE * factor)
  }
  await listener.onTrainEnd?.(control)
  return { epochs: rates.length, weights, rates }
}

describe.each(
  golden.cases.map(
    (example) =>
      [`${example.type} ${JSON.stringify(example.options)} of ${example.values.join(' ')}`, example] as const,
  ),
)('%s', (_name, { type, options, values, epochs, weights, rates }) => {
  it('acts as in its golden trace', async () => {
    const ours = await trace(type, options, values)
    expect([ours.epochs, ours.weights]).toEqual([epochs, weights])
    expectClose(ours.rates, rates)
  })
})

it('takes NaN for no improvement, even where it comes first', async () => {
  const ours = await trace('early_stopping', { patience: 2, restore_best_weights: true }, [
    null,
    3,
    2,
    4,
    5,
    6,
  ])
  expect(ours).toMatchObject({ epochs: 5, weights: 2 })
})

describe('mode auto', () => {
  const directions = new Map([['auc_1', 'higher'] as const])

  it.each([
    ['auc_1', true],
    ['loss', false],
  ])('takes more of %s for better: %s', (monitor, more) => {
    const better = isBetter({ monitor, mode: 'auto' }, directions)
    expect(better(2, 1)).toBe(more)
    expect(better(1, 2)).toBe(!more)
  })
})
