import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { loadModel } from '../../src/run/model-files.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
name: text
data:
  type: jsonl
  path: rows.jsonl
  target: kind
  features: {transforms: {text: {type: tokens, output_sequence_length: 4}}}
model:
  layers:
    - {type: embedding, input_dim: vocabulary, output_dim: 3, embeddings: {path: vectors.txt}, trainable: false}
    - global_average_pooling1d
    - {type: dense, units: 1, activation: sigmoid}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 2}
`
const ROWS = ['good film', 'bad film', 'good', 'bad', 'good zebra', 'bad bad']
  .map((text, i) => JSON.stringify({ text, kind: i % 2 ? 'no' : 'yes' }))
  .join('\n')
const GLOVE = 'the 9 9 9\ngood 0.5 -1 2e-1\nfilm 1 2 3\nbad -0.5 1 -0.2\ngood 7 7 7\n'

const files = (vectors: string) => ({ 'nnlab.yaml': CONFIG, 'rows.jsonl': ROWS, 'vectors.txt': vectors })

describe('embeddings: {path}', () => {
  it.each([
    ['GloVe', GLOVE],
    ['word2vec', `5 3\n${GLOVE}`],
  ])('takes the vectors of a file of %s by the words of the vocabulary', async (_name, vectors) => {
    const cwd = await folderOf(files(vectors))
    const { code, stderr } = await nnlab(['train'], { cwd })
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('vectors for 3 of 4 words; the others begin at 0: zebra'),
    ])
    const { weights, preprocessing } = await loadModel(join(cwd, 'runs/text/001'))
    const [feature] = preprocessing.inputs[0]?.features ?? []
    const words = feature?.kind === 'encoded' && feature.transform === 'tokens' ? feature.state.words : []
    const values = weights.get('embedding/embeddings') ?? []
    const rowOf = (word: string): number[] => [...values.slice(3 * (2 + words.indexOf(word)))].slice(0, 3)
    const wanted = { good: [0.5, -1, 0.2], film: [1, 2, 3], bad: [-0.5, 1, -0.2], zebra: [0, 0, 0] }
    for (const [word, vector] of Object.entries(wanted))
      expect(rowOf(word), word).toEqual(vector.map(Math.fround))
    expect([...values.slice(0, 6)]).toEqual([0, 0, 0, 0, 0, 0])
  })

  const EMBEDDING = {
    type: 'embedding',
    input_dim: 'vocabulary',
    output_dim: 3,
    embeddings: { path: 'vectors.txt' },
    trainable: false,
  }
  it.each([
    [
      'time_distributed',
      [{ type: 'reshape', target_shape: [2, 2] }, { type: 'time_distributed', layer: EMBEDDING }, 'flatten'],
      'time_distributed/layer/embeddings',
    ],
    ['a model', [{ type: 'model', name: 'm', layers: [EMBEDDING, 'flatten'] }], 'm/embedding/embeddings'],
    [
      'a layer that is shared',
      [
        { ...EMBEDDING, name: 'one' },
        { type: 'shared', with: 'one', from: 'input', name: 'again' },
        { type: 'add', from: ['one', 'again'] },
        'flatten',
      ],
      'one/embeddings',
    ],
  ])('goes into %s', async (_title, layers, id) => {
    const cwd = await folderOf(files(GLOVE))
    const all = JSON.stringify([...layers, { type: 'dense', units: 1, activation: 'sigmoid' }])
    const { code, stderr } = await nnlab(['train', '--set', `model.layers=${all}`], { cwd })
    expect([code, stderr]).toEqual([0, expect.stringContaining('vectors for 3 of 4 words')])
    const { weights } = await loadModel(join(cwd, 'runs/text/001'))
    const values = [...(weights.get(id) ?? [])]
    expect([values.slice(0, 6), values.length]).toEqual([[0, 0, 0, 0, 0, 0], 18])
    expect(values).toEqual(expect.arrayContaining([0.5, -1, Math.fround(0.2)]))
  })

  it('counts as data: a run is not resumed with another file', async () => {
    const cwd = await folderOf(files(GLOVE))
    await nnlab(['train', '--quiet'], { cwd })
    const resume = ['train', '--resume', '--set', 'fit.epochs=3', '--quiet']
    expect(await nnlab(resume, { cwd })).toMatchObject({ code: 0 })
    await appendFile(join(cwd, 'vectors.txt'), 'zebra 1 1 1\n')
    expect(await nnlab(resume, { cwd })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('data has changed'),
    })
  })

  it('is no part of the rows: another file does not change them', async () => {
    const cwd = await folderOf(files(GLOVE))
    await nnlab(['train', '--quiet'], { cwd })
    const report = ['report', 'runs/text/001', '--format', 'md', '-o', '-', '--quiet']
    const otherData = 'not those that the model was trained on'
    expect((await nnlab(report, { cwd })).stdout).not.toContain(otherData)
    await appendFile(join(cwd, 'vectors.txt'), 'zebra 1 1 1\n')
    expect((await nnlab(report, { cwd })).stdout).not.toContain(otherData)
    expect((await nnlab(['evaluate'], { cwd })).stderr).not.toContain('data has changed')
    await appendFile(join(cwd, 'rows.jsonl'), '\n{"text": "good bad", "kind": "no"}')
    expect((await nnlab(report, { cwd })).stdout).toContain(otherData)
    expect((await nnlab(['evaluate'], { cwd })).stderr).toContain('data has changed')
  })

  it.each([
    ['the vector of "the" has 2 numbers, but the embedding has vectors of 3', 'the 1 2\n'],
    ['holds something that is not a number', 'good 1 x 3\n'],
  ])('refuses a file: %s', async (message, vectors) => {
    const cwd = await folderOf(files(vectors))
    const { code, stderr } = await nnlab(['train', '--quiet'], { cwd })
    expect([code, stderr]).toEqual([4, expect.stringContaining(message)])
    expect(stderr).toContain('vectors.txt:1')
  })

  it('belongs to the words of a text', async () => {
    const cwd = await folderOf(files(GLOVE))
    const ordinal = ['--set', 'data.features.transforms.text=ordinal', '--set', 'model.layers[1]=flatten']
    const { code, stderr } = await nnlab(['train', '--quiet', ...ordinal], { cwd })
    expect([code, stderr]).toEqual([4, expect.stringContaining('which is not text')])
  })
})
