import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { preprocessingSchema } from '../../src/data/fit/preprocessing.ts'
import { RunError } from '../../src/errors.ts'
import { buildGraph } from '../../src/model/build.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { loadModel, saveModel } from '../../src/run/model-files.ts'
import { specSchema } from '../../src/spec/schema/spec.ts'
import { eachFlip, TIMEOUT } from './flips.ts'

const spec = {
  ...specSchema().parse({
    data: { type: 'inline', inputs: [[0], [1]], targets: [0, 1] },
    model: { input: [1], layers: [{ type: 'dense', units: 2, activation: 'relu' }] },
    compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
  }),
  name: 'tiny',
}

async function saved(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-model-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const { graph } = buildGraph(spec.model)
  if (graph === undefined) throw new Error('the network cannot be built')
  const weights = initialWeights(graph, 0)
  const preprocessing = preprocessingSchema.parse({ version: 2, inputs: [], outputs: [], missing: 'error' })
  await saveModel(join(folder, 'model'), { spec, graph, weights, preprocessing })
  return join(folder, 'model')
}

describe('a saved model', () => {
  it('with any byte changed is refused, or says the same', { timeout: TIMEOUT }, async () => {
    const folder = await saved()
    const whole = await loadModel(folder)
    const said: unknown = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8'))
    let harmless = 0
    // Its forward pass is read by nnlab/predict alone.
    const files = ['model.json', 'weights.bin']
    const check = async (what: string, file: string): Promise<void> => {
      const read = await loadModel(folder).catch((error: unknown) => error)
      if (read instanceof RunError) return
      harmless += 1
      expect(read, what).toEqual(whole)
      expect(JSON.parse(await readFile(file, 'utf8')), what).toEqual(said)
    }
    const tried = await eachFlip(folder, check, files)
    expect(tried).toBeGreaterThan(1800)
    expect(harmless).toBeLessThan(tried / 1000)
  })

  it.each([
    [
      'of another size',
      (folder: string) => truncate(join(folder, 'weights.bin'), 8),
      /has 8 bytes, but the network has 16/,
    ],
    ['missing', (folder: string) => rm(join(folder, 'weights.bin')), /cannot read .*weights\.bin/],
    ['huge', (folder: string) => truncate(join(folder, 'model.json'), 2 ** 40), /model\.json is too large/],
  ])('of which a file is %s is refused before it is read', async (_what, damage, message) => {
    const folder = await saved()
    await damage(folder)
    await expect(loadModel(folder)).rejects.toThrow(message)
  })

  it('reads no weights from outside its folder', async () => {
    const folder = await saved()
    const file = join(folder, 'model.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"weights.bin"', '"../../weights.bin"'))
    await expect(loadModel(folder)).rejects.toThrow('is damaged')
  })
})
