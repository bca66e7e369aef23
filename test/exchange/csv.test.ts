import { expect, it } from 'vitest'

import { csv } from '../../src/exchange/csv/index.ts'
import type { EncodedFeature } from '../../src/runtime/preprocessing.ts'
import { modelToExport } from './model.ts'

const TOKENS: EncodedFeature = {
  kind: 'encoded',
  column: 'text',
  transform: 'tokens',
  state: { words: ['good', 'a,"b"'], length: 2, standardize: 'none', split: 'whitespace' },
}
const ORDINAL: EncodedFeature = {
  kind: 'encoded',
  column: 'size',
  transform: 'ordinal',
  state: { categories: ['S', 'M', 'L', 'XL'], unseen: 'error' },
}

function filesOf(
  features: readonly EncodedFeature[],
  length = features.length,
): ReadonlyMap<string, string | Uint8Array> {
  const model = modelToExport({
    input: [length],
    layers: [
      { type: 'embedding', input_dim: 4, output_dim: 2, name: 'vectors' },
      'flatten',
      { type: 'dense', units: 2, name: 'last' },
    ],
  })
  const weights = new Map(model.weights).set(
    'vectors/embeddings',
    Float32Array.of(0, 1, 0.1, -2.5, 3e-10, 16777216, 7, 1 / 3),
  )
  const inputs = [{ name: 'input', shape: [length], features }]
  const written = csv.write(
    { ...model, weights, preprocessing: { ...model.preprocessing, inputs } },
    expect.unreachable,
  )
  return 'folder' in written ? written.folder : new Map()
}

it('a csv export has a file a parameter, with the words of an embedding', () => {
  const files = filesOf([TOKENS], 2)
  expect([...files.keys()]).toEqual(['vectors.embeddings.csv', 'last.kernel.csv', 'last.bias.csv'])
  expect(files.get('vectors.embeddings.csv')).toBe(
    'word,0,1\n,0,1\n[UNK],0.1,-2.5\ngood,3e-10,16777216\n"a,""b""",7,0.33333334\n',
  )
  expect(String(files.get('last.kernel.csv')).split('\n')).toHaveLength(1 + 4 + 1)
  expect(files.get('last.bias.csv')).toBe('row,0\n0,0\n1,0\n')
})

it('a csv export names the rows of an embedding after categories, too', () => {
  const lines = String(filesOf([ORDINAL]).get('vectors.embeddings.csv')).split('\n')
  expect(lines.map((line) => line.split(',')[0])).toEqual(['word', 'S', 'M', 'L', 'XL', ''])
})

it('a csv export numbers the rows of an embedding that several columns share', () => {
  const lines = String(filesOf([ORDINAL, ORDINAL]).get('vectors.embeddings.csv')).split('\n')
  expect(lines.map((line) => line.split(',')[0])).toEqual(['row', '0', '1', '2', '3', ''])
})

it('refuses layers whose files would have the same name', () => {
  const dense = { type: 'dense', units: 2 }
  const layers = [
    { type: 'model', name: 'a', layers: [{ ...dense, name: 'b' }] },
    { ...dense, name: 'a.b', use_bias: false },
  ]
  const refused: string[] = []
  csv.write(modelToExport({ input: [2], layers }), (what) => void refused.push(what))
  expect(refused).toEqual(['layer a.b: file name but a.b.kernel.csv, which another layer has'])
})
