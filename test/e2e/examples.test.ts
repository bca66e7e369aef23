import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from '../cli/support.ts'

const configs = fileURLToPath(new URL('../../configs/', import.meta.url))
const shared = fileURLToPath(new URL('../../../shared/data/', import.meta.url))

const Result = z.object({
  epochs: z.int(),
  metrics: z.record(z.string(), z.number()),
  test: z.record(z.string(), z.number()).optional(),
})

/** Trains a config of configs/ and returns what `train --json` says. */
async function trained(name: string, ...set: string[]): Promise<z.output<typeof Result>> {
  const cwd = await folderOf()
  const overrides = set.flatMap((each) => ['--set', each])
  const { code, stdout, stderr } = await nnlab(
    ['train', join(configs, name), '--json', '--quiet', ...overrides],
    { cwd, env: { NNLAB_DATA_DIR: join(shared, 'fashion-mnist') } },
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return Result.parse(JSON.parse(stdout))
}

describe('every example', () => {
  it.each(readdirSync(configs).filter((name) => name.endsWith('.yaml')))('%s is valid', async (name) => {
    const { code, stdout, stderr } = await nnlab(['validate', join(configs, name)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('is valid')
  })
})

describe('the examples reach what they promise', () => {
  it('digits: at least 95 % of the test rows', async () => {
    expect((await trained('digits.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.95)
  })

  it('digits-conv: at least 95 % of the test rows', async () => {
    expect((await trained('digits-conv.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.95)
  })

  it('digits-augmented: at least 95 % of the test rows', async () => {
    expect((await trained('digits-augmented.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.95)
  })

  it('digits-fine-tuning: at least 85 % of the test rows', async () => {
    expect((await trained('digits-fine-tuning.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.85)
  })

  it('iris: at least 93 % of the test rows', async () => {
    expect((await trained('iris.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.93)
  })

  it('regression: an error below a third of the deviation, 0.76 cm', async () => {
    expect((await trained('regression.yaml')).test?.['mean_absolute_error']).toBeLessThan(0.76 / 3)
  })

  it('topics: at least 95 % of the test sentences', async () => {
    expect((await trained('topics.yaml')).test?.['accuracy']).toBeGreaterThanOrEqual(0.95)
  })

  it('temperature: an error below an eighth of the deviation, 3.26 °C', async () => {
    expect((await trained('temperature.yaml')).test?.['mean_absolute_error']).toBeLessThan(3.26 / 8)
  })

  it('xor: all four rows, from every seed', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { metrics } = await trained('xor.yaml', `seed=${seed}`)
      expect({ seed, accuracy: metrics['accuracy'] }).toEqual({ seed, accuracy: 1 })
    }
  })

  it('lab-xor: trains for its 2,000 epochs', async () => {
    expect((await trained('lab-xor.yaml')).epochs).toBe(2000)
  })

  const fashion = join(shared, 'fashion-mnist')
  it.skipIf(!existsSync(fashion))(
    'fashion-mnist: at least 70 % of the test rows after an epoch of 6,000',
    async () => {
      const { test } = await trained('fashion-mnist.yaml', 'data.split.validation=0.9', 'fit.epochs=1')
      expect(test?.['accuracy']).toBeGreaterThanOrEqual(0.7)
    },
  )

  const mnist = join(shared, 'mnist')
  it.skipIf(!existsSync(mnist))('mnist: at least 90 % of 2,000 rows after training on 8,000', async () => {
    for (const name of ['mnist.yaml', 'mnist-functional.yaml']) {
      const { test } = await trained(
        name,
        `data.folder=${mnist}`,
        'data.split.validation=0',
        'data.split.test=0.2',
      )
      expect(test?.['accuracy']).toBeGreaterThanOrEqual(0.9)
    }
  })
})
