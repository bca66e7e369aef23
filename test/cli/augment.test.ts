import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'

const digits = fileURLToPath(new URL('../../configs/data/digits.csv', import.meta.url))
const CONFIG = `
data:
  type: csv
  path: ${JSON.stringify(digits)}
  target: digit
  features: {scale: {divide: 16}}
  split: {test: 0.8}
  augment: [{type: random_rotation, factor: 0.1}, {type: random_erasing}]
model: {input: [8, 8, 1], layers: [flatten, {type: dense, units: 10, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 2, engine: compiled, shuffle: {block_size: 20, buffer_size: 90}}
`

async function weightsOf(...set: string[]): Promise<string | undefined> {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  const options = set.flatMap((text) => ['--set', text])
  const { code, stdout } = await nnlab(['train', '--json', '--quiet', ...options], {
    cwd,
    env: { XDG_CACHE_HOME: cwd },
  })
  expect(code).toBe(0)
  return /"weights_sha256":"(\w+)"/.exec(stdout)?.[1]
}

it('trains on augmented images to the same bits on any threads, with rows in memory or on disk', async () => {
  const wanted = await weightsOf('fit.threads=1')
  expect(wanted).toHaveLength(64)
  expect(await weightsOf('fit.threads=3')).toBe(wanted)
  expect(await weightsOf('data.memory=20 KB')).toBe(wanted)
  expect(await weightsOf('seed=1')).not.toBe(wanted)
  expect(await weightsOf('data.augment=[]')).not.toBe(wanted)
})
