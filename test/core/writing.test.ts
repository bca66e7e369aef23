import { readdir } from 'node:fs/promises'

import { expect, it } from 'vitest'

import { createConfig } from '../../src/core/create-config.ts'
import { exportModel } from '../../src/core/export-model.ts'
import { findLearningRate } from '../../src/core/find-learning-rate.ts'
import { importModel } from '../../src/core/import-model.ts'
import { folderOf, nnlab } from '../cli/support.ts'
import { SmallDisk } from '../e2e/full-disk/small-disk.ts'

const CONFIG = `data: {type: inline, inputs: [[0], [1]], targets: [0, 1]}
model: {input: [1], layers: [{type: dense, units: 1}]}
compile: {loss: mean_squared_error, optimizer: {type: sgd, learning_rate: 1}}
fit: {epochs: 1}
`

it('what the core writes goes to the given file system, whole or not at all', async () => {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
  await nnlab(['train', '--quiet', '--run-dir', 'run'], { cwd })
  await nnlab(['export', 'run', '--format', 'keras', '-o', 'model.keras'], { cwd })
  const before = await readdir(cwd)
  const { files } = new SmallDisk(10, () => undefined)
  const writers = {
    createConfig: () => createConfig({ cwd, files, file: 'new.yaml' }),
    'exportModel, a file': () => exportModel({ cwd, files, model: 'run', format: 'onnx' }),
    'exportModel, a folder': () => exportModel({ cwd, files, model: 'run', format: 'safetensors' }),
    importModel: () => importModel({ cwd, files, file: 'model.keras', output: 'in.yaml' }),
    findLearningRate: () => findLearningRate({ cwd, files, config: 'nnlab.yaml', write: true }),
  }
  for (const [name, write] of Object.entries(writers)) {
    await expect(write(), name).rejects.toThrow('the disk is full')
    expect(await readdir(cwd), name).toEqual(before)
  }
})
